"""How things stand with the target, in words: one sentence, and one thing that the user can do."""

from __future__ import annotations

from dataclasses import dataclass

from memviz.core.snapshot import Absence
from memviz.errors import AccessDenied, MemvizError, NotAnswering, ProcessEnding, ProcessGone

EMPTY, LOADING, READY, DENIED, ENDING, GONE, NOT_ANSWERING, FAILED = (
    "empty", "loading", "ready", "denied", "ending", "gone", "not answering", "failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """`kind` is one of the above; `remedy` is the exact thing that would help, or empty."""

    kind: str = EMPTY
    sentence: str = "Choose a process on the left."
    remedy: str = ""


def state_of_error(error: Exception) -> State:
    """What a failed reading says about the target."""
    kind = FAILED
    if isinstance(error, ProcessGone):
        kind = GONE
    elif isinstance(error, ProcessEnding):
        kind = ENDING
    elif isinstance(error, AccessDenied):
        kind = DENIED
    elif isinstance(error, NotAnswering):
        kind = NOT_ANSWERING
    words = str(error) if isinstance(error, MemvizError) else f"{type(error).__name__}: {error}"
    sentence = words[:1].upper() + words[1:]
    return State(kind, sentence if sentence.endswith(".") else sentence + ".")


def state_of_absence(absence: Absence) -> State:
    """What a snapshot without regions says about the target."""
    kinds = {"denied": DENIED, "hidden": DENIED, "ending": ENDING, "gone": GONE, "not answering": NOT_ANSWERING}
    sentence = absence.detail[:1].upper() + absence.detail[1:]
    remedy = absence.remedy[:1].upper() + absence.remedy[1:]
    return State(kinds.get(absence.reason, FAILED), sentence if sentence.endswith(".") else sentence + ".", remedy)

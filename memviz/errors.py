"""What can go wrong, each as one type that tells the caller what to do."""

from __future__ import annotations


class MemvizError(Exception):
    """The root of all errors that memviz raises on purpose; `exit_code` is what the command line returns, `reason` what
    an Absence calls the same."""

    exit_code = 1
    reason = ""


class ProcessGone(MemvizError):
    """The process does not exist, or ended or exec'ed while it was read: choose another one, or read again."""

    exit_code = 3
    reason = "gone"


class ProcessEnding(MemvizError):
    """The process is being ended and its memory freed: what can still be read of it is told, and that is no failure."""

    exit_code = 0
    reason = "ending"


class AccessDenied(MemvizError):
    """Nothing could be told for want of permission; the text names the least privilege that would do."""

    exit_code = 4
    reason = "denied"


class ProcessHidden(AccessDenied):
    """The process lives, but /proc does not show it to this reader (hidepid, subset, another pid namespace)."""

    reason = "hidden"


class NotAnswering(MemvizError):
    """The target (or the reader's host) does not answer: leave it alone for a while, then ask again."""

    exit_code = 5
    reason = "not answering"


class Unsupported(MemvizError):
    """This kernel, this system or this capture has no such thing."""

    reason = "unsupported"


class Malformed(MemvizError):
    """A text does not have the form that the kernel gives it; nothing was guessed from it."""

    reason = "malformed"


class UsageError(MemvizError):
    """The caller asked for something that cannot be meant (an unknown column, an ambiguous name)."""

    exit_code = 2


KINDS = (ProcessGone, ProcessEnding, AccessDenied, ProcessHidden, NotAnswering, Unsupported, Malformed)
_BY_REASON = {kind.reason: kind for kind in KINDS}


def error_of(reason: str) -> type[MemvizError]:
    """The error that belongs to the reason of an Absence."""
    return _BY_REASON.get(reason, MemvizError)

"""How the user wants to see things, whatever the process: kept in the settings."""

from __future__ import annotations

from dataclasses import dataclass, fields

METRICS = ("private_swap", "rss", "pss", "uss")  # by which things are ranked and named
RATES = (1, 2, 5, 10)  # samples a second
LAYOUTS = ("rows", "column")


@dataclass(frozen=True, slots=True)
class Options:
    """`colour_by` names an entry of the map's colour modes; `theme` is light, dark or system."""

    metric: str = "private_swap"
    colour_by: str = "group"
    layout: str = "rows"
    rate: int = 1
    theme: str = "system"
    text_scale: float = 1.0
    motion: bool = True  # False: nothing flashes or glides


def known_options(given: dict[str, object]) -> tuple[Options, list[str]]:
    """Options from what a file held, and a word on each entry that cannot be meant."""
    kinds = {field.name: field.default for field in fields(Options)}
    choices: dict[str, tuple[object, ...]] = {
        "metric": METRICS, "rate": RATES, "layout": LAYOUTS, "theme": ("system", "light", "dark"),
    }  # fmt: skip
    taken: dict[str, object] = {}
    wrong = []
    for name, value in given.items():
        default = kinds.get(name)
        fits = default is not None and type(value) is type(default) and value in choices.get(name, (value,))
        if fits and not (name == "text_scale" and not 0.5 <= float(str(value)) <= 4):
            taken[name] = value
        else:
            wrong.append(f"{name} = {value!r}")
    return Options(**taken), wrong  # type: ignore[arg-type]  # each was checked against its default

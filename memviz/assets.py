"""The files that memviz reads besides its code.

They are `resources/` in a checkout and `memviz/resources/` in a wheel.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "resources", _PACKAGE.parent / "resources")


def asset(name: str) -> Path:
    """The resource called *name* (`"groups.md"`, with `/` between folders).

    A path rather than a `Traversable`: Qt and the reader are started with file names, and memviz
    always lies unpacked on a disk. FileNotFoundError means a broken installation, not a wrong wish
    of the user's.
    """
    for place in _PLACES:
        path = place / name
        if path.exists():
            return path
    raise FileNotFoundError(f"the resource {name!r} is missing: install memviz again")


def asset_text(name: str) -> str:
    return asset(name).read_text(encoding="utf-8")

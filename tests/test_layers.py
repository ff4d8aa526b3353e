"""Who may import whom: the arrows of the design as a table, checked against every import.

A module may import the standard library, its own row's package, what its row names, and EVERYBODY.
Imports inside functions and for type checkers count too; what LAZY names must be one of those.
"""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "memviz"
MAX_LINES = 400
# One file, because it goes as one over standard input to hosts where there is no memviz: also what confines it.
MAX_LINES_OF = {"memviz.proc.reader": 1130}

EVERYBODY = {"memviz.errors", "memviz.units", "memviz.text", "memviz.files", "memviz.assets", "memviz.__version__"}

# A module's row is the longest name here that it is or lies in; the root's row is for it alone.
MAY_IMPORT: dict[str, set[str]] = {
    **{module: set[str]() for module in EVERYBODY},
    "memviz.files": {"memviz.text"},  # its errors show a name
    # Run by path or over standard input, perhaps on another host: they have only themselves.
    "memviz.proc.reader": set(),
    "memviz.demos": set(),
    "memviz.proc": {"numpy", *EVERYBODY},
    "memviz.core": {"memviz.proc", "numpy", "psutil", "platformdirs", *EVERYBODY},
    "memviz.inside": {"memviz.proc", "memviz.core", "numpy", "elftools", *EVERYBODY},
    "memviz.history": {"memviz.core", "numpy", "platformdirs", *EVERYBODY},
    "memviz.sim": EVERYBODY,
    "memviz.cli": {"memviz", "numpy", "rich", "platformdirs"},
    "memviz.gui": {
        *("memviz.core", "memviz.inside", "memviz.history", "memviz.sim", *EVERYBODY),
        *("PySide6", "shiboken6", "pyqtgraph", "numpy", "platformdirs"),
    },
    "memviz.__main__": {"memviz.cli"},
    "memviz": {"memviz.core", "memviz.inside", "memviz.history", "memviz.sim", *EVERYBODY},
}

# Imported when a command needs it, so that no other command waits for it.
LAZY = {"memviz.cli": {"memviz.gui", "rich"}}


class Import(NamedTuple):
    target: str
    line: int
    at_module_level: bool


def name_of(file: Path) -> str:
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def row_of(module: str) -> str | None:
    rows = [row for row in MAY_IMPORT if row != "memviz" and is_within(module, {row})]
    return max(rows, key=len, default="memviz" if module == "memviz" else None)


def imports_in(node: ast.AST, at_module_level: bool = True) -> Iterator[Import]:
    """Every import below *node*; `from package import module` is of the module if there is one."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield Import(alias.name, node.lineno, at_module_level)
        case ast.ImportFrom(names=names):
            home = "." * node.level + (node.module or "")
            for alias in names:
                inner = f"{home}.{alias.name}"
                # What the root only passes on is not its own: it counts as neither home nor module.
                is_inner = inner in MODULES or home == "memviz"
                yield Import(inner if is_inner else home, node.lineno, at_module_level)
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield Import(name, node.lineno, at_module_level)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            at_module_level = False
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            at_module_level = False
    for child in ast.iter_child_nodes(node):
        yield from imports_in(child, at_module_level)


def wrong_imports(module: str, source: str) -> list[str]:
    row = row_of(module)
    if row is None:
        return [f"{module} has no row in MAY_IMPORT"]
    allowed = MAY_IMPORT[row] | ({row} if row != "memviz" else set())
    lazy = LAZY.get(row, set())
    wrong = []
    for found in imports_in(ast.parse(source)):
        if found.target.partition(".")[0] in sys.stdlib_module_names:
            continue
        if not is_within(found.target, allowed):
            wrong.append(f"{module}:{found.line} must not import {found.target}")
        elif found.at_module_level and is_within(found.target, lazy):
            wrong.append(f"{module}:{found.line} must import {found.target} inside a function")
    return wrong


def test_that_every_import_follows_an_arrow_of_the_design() -> None:
    wrong = [line for module, file in MODULES.items() for line in wrong_imports(module, file.read_text())]
    assert not wrong, "\n".join(wrong)


# Within the application: who is closer to the user may import who is further from them, never the other way.
ROOMS = {"session": (), "feed": ("session",), "parts": ("session", "feed"), "shell": None, "embed": None}
VIEWS_MAY_NOT = {"shell", "embed"}


def rooms_imported(module: str, source: str) -> set[str]:
    """The rooms of the application that a module of it imports, but for its own."""
    targets = {found.target for found in imports_in(ast.parse(source)) if found.target.startswith("memviz.gui.")}
    return {target.split(".")[2] for target in targets} - {module.split(".")[2], "theme"}


def wrong_rooms(module: str, source: str) -> set[str]:
    room = module.split(".")[2]
    allowed = ROOMS.get(room, ())
    if room not in ROOMS:  # a view
        return rooms_imported(module, source) & VIEWS_MAY_NOT
    return set() if allowed is None else rooms_imported(module, source) - set(allowed)


def test_that_no_view_knows_the_window_around_it() -> None:
    modules = {name: file for name, file in MODULES.items() if name.count(".") > 1 and is_within(name, {"memviz.gui"})}
    wrong = {name: found for name, file in modules.items() if (found := wrong_rooms(name, file.read_text()))}
    assert not wrong


def test_that_a_room_that_knows_too_much_is_found() -> None:
    assert wrong_rooms("memviz.gui.map.view", "from memviz.gui.shell.window import MainWindow") == {"shell"}
    assert wrong_rooms("memviz.gui.session.session", "from memviz.gui.feed.feed import Feed") == {"feed"}
    assert not wrong_rooms("memviz.gui.map.view", "from memviz.gui.session.session import Session")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("memviz.proc.maps", "import psutil"),
        ("memviz.proc.maps", "from memviz.core import regions"),
        ("memviz.proc.maps", "from .smaps import parse"),
        ("memviz.proc.reader", "from memviz import errors"),
        ("memviz.proc.reader", "import numpy"),
        ("memviz.core.blocks", "def late():\n    import rich"),
        ("memviz.core.blocks", "from memviz import MemoryAnalyzer"),
        ("memviz.core.blocks", "import importlib\nimportlib.import_module('memviz.cli.main')"),
        ("memviz.history.trend", "import memviz.proc.maps"),
        ("memviz.sim.tlb", "import numpy"),
        ("memviz.gui.map", "from memviz.proc import maps"),
        ("memviz.gui.map", "import psutil"),
        ("memviz.cli.ps", "from rich.table import Table"),
        ("memviz.cli.ps", "class Late:\n    from memviz.gui import window"),
        ("memviz.demos.leak", "import memviz.units"),
        ("memviz.units", "from memviz.errors import MemvizError"),
        ("memviz.files", "from memviz.errors import MemvizError"),
        ("memviz", "from memviz.gui import window"),
        ("memviz.unheard_of", "import sys"),
    ],
)
def test_that_an_import_against_the_arrows_is_found(module: str, source: str) -> None:
    assert wrong_imports(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "memviz.proc.maps",
            "import os, numpy\nfrom memviz.units import size\nimport memviz.proc.x",
        ),
        ("memviz.core.live", "import psutil\nfrom memviz import __version__\nimport memviz.proc.x"),
        ("memviz.cli.ps", "import memviz.proc.x\ndef late():\n    import rich.table"),
        ("memviz.cli.ps", "if TYPE_CHECKING:\n    from rich.table import Table"),
        ("memviz.gui.map", "import PySide6.QtCore, pyqtgraph\nfrom memviz.core import regions"),
        ("memviz.demos.leak", "from memviz.demos import common"),
    ],
)
def test_that_an_import_along_the_arrows_is_allowed(module: str, source: str) -> None:
    assert not wrong_imports(module, source)


def test_that_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: {
            found.target
            for found in imports_in(ast.parse(file.read_text()))
            if found.at_module_level and found.target in MODULES
        }
        for module, file in MODULES.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))


def test_that_importing_memviz_loads_nothing_large() -> None:
    program = "import sys, memviz; print(*{'PySide6', 'pyqtgraph', 'psutil', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_that_the_reader_parses_as_python_3_9() -> None:
    ast.parse((PACKAGE / "proc" / "reader.py").read_text(), feature_version=(3, 9))


def test_that_no_file_is_too_long_to_be_one_thing() -> None:
    lengths = {module: len(file.read_text().splitlines()) for module, file in MODULES.items()}
    too_long = {module: length for module, length in lengths.items() if length > MAX_LINES_OF.get(module, MAX_LINES)}
    assert not too_long, f"more than {MAX_LINES} lines: {too_long}"

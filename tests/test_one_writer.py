"""Nothing in memviz writes a file but by way of memviz/files.py: a search of all its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "memviz"

# Who opens something for writing all the same, by module and call, and why.
ALLOWED = {
    ("memviz.files", "os.open"): "it is the writer",
    ("memviz.files", "os.replace"): "it is the writer",
    ("memviz.gui.parts.pictures", "QImageWriter"): "into memory, never to a name",
    ("memviz.gui.map.picture", "QSvgGenerator"): "into memory, never to a name",
    ("memviz.gui.shell.settings", "os.replace"): "puts a broken file aside, which writes nothing",
    ("memviz.proc.reader", "os.open"): "flags by way of a parameter: O_RDONLY, with O_DIRECTORY or O_NOFOLLOW",
}  # fmt: skip
# Folders of their own that end with them: programs to look at, and captured trees while they are read.
EXEMPT = ("memviz.demos", "memviz.core.capture")

WRITING_METHODS = {
    "write_text", "write_bytes", "extractall", "extract", "tofile", "savez", "savetxt", "setFileName",
    "exportToFile", "copyfile", "copy2", "copytree", "copyfileobj", "hardlink_to", "symlink_to",
}  # fmt: skip
WRITING_CALLS = {
    "os.replace", "os.rename", "os.renames", "os.truncate", "os.link", "os.symlink", "os.mknod", "os.mkfifo",
    "shutil.move", "shutil.copy", "tempfile.mkstemp", "tempfile.mkdtemp", "tempfile.mktemp",
    "tempfile.TemporaryDirectory", "tempfile.TemporaryFile", "tempfile.NamedTemporaryFile",
    "tempfile.SpooledTemporaryFile", "QSaveFile", "QFile", "QTemporaryFile", "QSettings", "QImageWriter",
    "QSvgGenerator", "QPdfWriter", "QPrinter", "QTextDocumentWriter", "logging.FileHandler", "logging.basicConfig",
    "shelve.open", "dbm.open", "sqlite3.connect", "zipfile.ZipFile", "np.save", "numpy.save",
}  # fmt: skip
PICTURES = {"QImage", "QPixmap", "grab", "image", "picture", "pixmap", "toImage", "render", "scaled"}
NOWHERE = {"os.devnull", "'/dev/tty'"}


def called(node: ast.expr) -> str:
    """`os.open`, `path.write_text`, `QSaveFile` without the module that Qt's classes lie in."""
    name = ast.unparse(node)
    last = name.rpartition(".")[2]
    return last if last in WRITING_CALLS else name


def writes(call: ast.Call) -> bool:
    """Whether a call may write a file: too many are found rather than too few."""
    name = called(call.func)
    last = name.rpartition(".")[2]
    words = [*call.args, *(keyword.value for keyword in call.keywords)]
    if words and ast.unparse(words[0]) in NOWHERE:
        return False
    if name in WRITING_CALLS or last in WRITING_METHODS:
        return True
    if last == "save":  # of a picture: painters and settings have one too, of other words
        inner = {ast.unparse(part).rpartition(".")[2] for part in ast.walk(call.func) if isinstance(part, ast.expr)}
        return bool(words) and bool(inner & PICTURES or {"path", "name", "file"} & {ast.unparse(w) for w in words[:1]})
    if last == "rename" or (last == "replace" and len(call.args) == 1 and not call.keywords):
        return True  # of a path: that of a text has two words
    if name == "os.open":
        flags = " ".join(map(ast.unparse, words[1:]))
        return "O_" not in flags or any(f"O_{flag}" in flags for flag in ("WRONLY", "RDWR", "CREAT", "TRUNC", "APPEND"))
    if last in ("open", "fdopen"):
        at = (
            0 if isinstance(call.func, ast.Attribute) and not name.startswith(("io.", "codecs.", "os.", "gzip.")) else 1
        )
        modes = [word.value for word in words[at:] if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        modes += [keyword.value.value for keyword in call.keywords
                  if keyword.arg == "mode" and isinstance(keyword.value, ast.Constant)]  # fmt: skip
        return any(set(mode) <= set("rwaxbt+:gz*|") and set(mode) & set("wax+") for mode in modes)
    return False


def writing_calls(module: str, source: str) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and writes(node):
            yield module, called(node.func), node.lineno


MODULES = {
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts): file for file in sorted(PACKAGE.rglob("*.py"))
}


def test_that_no_module_writes_a_file_by_itself() -> None:
    found = [
        f"{module}:{line} calls {name}: write_file of memviz/files.py does it"
        for module, file in MODULES.items() if not module.startswith(EXEMPT)
        for _, name, line in writing_calls(module, file.read_text()) if (module, name) not in ALLOWED
    ]  # fmt: skip
    assert not found, "\n".join(found)


def test_that_every_exception_is_needed() -> None:
    found = {one[:2] for module, file in MODULES.items() for one in writing_calls(module, file.read_text())}
    assert ALLOWED.keys() <= found


@pytest.mark.parametrize(
    "source",
    [
        "open(name, 'w')", "open(name, 'wb')", "open(name, mode='a')", "open(name, 'x')", "open(name, 'r+b')",
        "io.open(name, 'w')", "codecs.open(name, 'w')", "path.open('w')", "Path(name).open(mode='wb')",
        "path.write_text(text)", "path.write_bytes(data)", "os.open(name, os.O_WRONLY)", "os.open(name, flags)",
        "os.open(name, os.O_RDWR | os.O_CREAT, 0o600)", "os.fdopen(1, 'w')", "tempfile.mkstemp()",
        "tempfile.NamedTemporaryFile(delete=False)", "QSaveFile(name)", "QtCore.QFile(name)", "QSettings()",
        "image.save(name)", "board.grab().save(name, 'PNG')", "pixmap.save(path)", "window.grab().save(file)",
        "generator.setFileName(name)", "QtSvg.QSvgGenerator()", "QImageWriter(name)", "path.rename(other)",
        "path.replace(other)", "os.replace(a, b)", "os.rename(a, b)", "shutil.copyfile(a, b)", "shutil.move(a, b)",
        "np.save(name, array)", "array.tofile(name)", "gzip.open(name, 'wb')", "tarfile.open(name, 'w:gz')",
        "logging.FileHandler(name)", "sqlite3.connect(name)", "QPdfWriter(name)",
    ],
)  # fmt: skip
def test_that_writing_in_another_way_is_found(source: str) -> None:
    assert list(writing_calls("memviz.core.x", source))


@pytest.mark.parametrize(
    "source",
    [
        "open(name)", "open(name, 'rb')", "path.open('rb')", "os.open(name, os.O_RDONLY)", "painter.save()",
        "session.open(pid, name)", "open(os.devnull, 'w')", "os.open(os.devnull, os.O_WRONLY)", "tarfile.open(name)",
        "text.replace('a', 'b')", "self.columns.save()", "save(settings_file(), settings)", "dialog.open()",
        "session.open(row.pid, row.name, identity=row.identity)", "write_file(name, data)",
    ],
)  # fmt: skip
def test_that_reading_is_not_taken_for_writing(source: str) -> None:
    assert not list(writing_calls("memviz.core.x", source))

"""What the fault tests share: programs of their own, and a host whose reader must go within two seconds."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.proc.link import Link, ReaderLink

HERE = Path(__file__).parent
LONGEST_CLOSE = 2.0


@contextlib.contextmanager
def opened(link: ReaderLink) -> Iterator[Host]:
    """A host that is closed at the end, in time."""
    host = Host(link)
    try:
        yield host
    finally:
        started = time.monotonic()
        host.close()
        assert time.monotonic() - started < LONGEST_CLOSE


@pytest.fixture
def own_host() -> Iterator[Host]:
    """A host with a reader that no other test has told to leave a process alone."""
    with opened(Link()) as host:
        yield host


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Compiles a C program of this folder; skips where there is no compiler."""
    folder = tmp_path_factory.mktemp("programs")

    def compile_one(name: str) -> str:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler here")
        program = folder / name
        if not program.exists():
            command = [compiler, "-O1", "-pthread", "-o", str(program), str(HERE / f"{name}.c")]
            subprocess.run(command, check=True, capture_output=True, text=True)
        return str(program)

    return compile_one

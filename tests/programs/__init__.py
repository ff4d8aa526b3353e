"""Real programs to look at: compiled or started by the tests, ended with them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def compiled(name: str, folder: Path) -> Path:
    """The program of `name`.c; skips the test where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler here")
    program = folder / name
    command = [compiler, "-O1", "-pthread", "-o", str(program), str(HERE / f"{name}.c")]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return program


@contextlib.contextmanager
def running(command: Sequence[str], last: str) -> Iterator[tuple[int, list[str]]]:
    """Starts a program and reads its lines up to the one that begins with `last`: its pid and those lines.

    It ends with the block: by the end of its input, else killed.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(list(command), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []
        try:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if line.startswith(last):
                    break
            else:
                pytest.fail(f"{command[0]} ended early: {process.stderr.read()[-2000:]}")
            yield process.pid, lines
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
            process.kill()

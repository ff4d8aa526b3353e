"""Drive a demo from a test: start it, take one step at a time, and see it gone at the end.

    with start_demo("touch") as demo:
        facts = demo.step()  # what the step says of itself: {"address": 0x7f..., "bytes": 16777216}
        memviz.snapshot(demo.pid)

An address or a count is an int, a fact with several of them a tuple of ints, text is text (with
surrogate escapes for bytes that are not UTF-8). A step that this kernel, machine or user cannot do
skips the test with the demo's reason, unless `step(skip=False)`, which then returns `{}`.
"""

import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from memviz.demos import command

PROMPT = "Press Enter"
LAST_PROMPT = "Press Enter to end"
NOT_HERE = "not here: "
PATIENCE = 30.0  # seconds in which any step is done, on a busy machine too

Facts = dict[str, Any]


class Running:
    """A demo that runs. `lines` is all that it has printed so far, `prompt` what comes next."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.pid = process.pid
        self._unread = b""
        self._until_prompt()

    @property
    def prompt(self) -> str:
        return self.lines[-1]

    @property
    def is_over(self) -> bool:
        """Whether no step is left. The process may still live, until `close()`."""
        return not self.prompt.startswith(PROMPT) or self.prompt == LAST_PROMPT

    def step(self, skip: bool = True) -> Facts:
        """Press Enter; the facts of the step, when it is done."""
        assert not self.is_over, f"no step is left after {self.lines}"
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        return self._facts(self._until_prompt(), skip)

    def steps(self, count: int | None = None) -> list[Facts]:
        """The facts of the next *count* steps, or of all that are left; `{}` for what cannot be."""
        facts: list[Facts] = []
        while not self.is_over and len(facts) != count:
            facts.append(self.step(skip=False))
        return facts

    def close(self) -> int:
        """End the input and wait for the end of the process; its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _facts(self, lines: list[str], skip: bool) -> Facts:
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "fact":
                return {name: parsed(value) for name, _, value in map(at_equals, rest.split())}
        reason = reason_in(lines)
        assert reason, f"neither facts nor a reason in {lines}"
        if skip:
            pytest.skip(reason)
        return {}

    def _until_prompt(self) -> list[str]:
        """What is printed up to the next prompt, with it; up to the end if the demo ends before."""
        until = time.monotonic() + PATIENCE
        lines: list[str] = []
        while not (lines and lines[-1].startswith(PROMPT)):
            line = self._line(until)
            if line is None:
                break
            lines.append(line)
        self.lines += lines
        return lines

    def _line(self, until: float) -> str | None:
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while b"\n" not in self._unread:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"the demo has said nothing more for {PATIENCE:g} s after {self.lines}"
            more = os.read(descriptor, 1 << 16)
            if not more:
                return None
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()


def reason_in(lines: list[str]) -> str | None:
    """Why the demo, or its step, cannot be here."""
    reasons = [line for line in lines if line.startswith(NOT_HERE)]
    return reasons[0].removeprefix(NOT_HERE) if reasons else None


def at_equals(fact: str) -> tuple[str, str, str]:
    return fact.partition("=")


def parsed(value: str) -> int | str | tuple[int, ...]:
    try:
        numbers = tuple(int(part, 0) for part in value.split(","))
    except ValueError:
        return os.fsdecode(unquote_to_bytes(value))
    return numbers[0] if len(numbers) == 1 else numbers


@contextmanager
def start_demo(name: str, *arguments: str, folder: Path | None = None) -> Iterator[Running]:
    """A demo that waits at its first prompt; it is ended, and waited for, at the end of the block.

    Where the demo as a whole cannot be, the test is skipped with its reason. It is the leader of a
    session of its own, so that a test can find whatever it leaves behind. *folder* is where it
    makes its temporary files.
    """
    with subprocess.Popen(
        command(name, *arguments),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)} if folder else None,
    ) as process:
        demo = Running(process)
        try:
            reason = reason_in(demo.lines[2:3])
            if reason:
                pytest.skip(reason)
            yield demo
        finally:
            demo.close()

"""A kept answer is that of the same program of the same process: not of the last one that had the number."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from memviz.core.analyzer import MemoryAnalyzer
from memviz.errors import MemvizError, ProcessGone
from tests import programs

pytestmark = [pytest.mark.live, pytest.mark.slow]
FOR_EVER = 1e9  # seconds that answers are kept
NUMBERED = Path(programs.__file__).with_name("numbered.py")


class Numbered:
    """Processes of one number, one after the other; see numbered.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = 0

    def tell(self, order: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            assert self._process.stderr is not None
            error = self._process.stderr.read()
            if "PermissionError" in error:
                pytest.skip("only root may choose the number of a process")
            pytest.fail(error[-2000:])
        if order.startswith("start"):
            assert not self.pid or self.pid == int(answer)
            self.pid = int(answer)
        if order.startswith(("start", "exec")):
            self._settle()

    def _settle(self) -> None:
        """Wait until the process sleeps: until then it may still touch a page."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S":
                return
            time.sleep(0.005)


@pytest.fixture
def numbered() -> Iterator[Numbered]:
    with subprocess.Popen(
        [sys.executable, NUMBERED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        one = Numbered(process)
        yield one
        if one.pid:
            one.tell("end")


def memory(found: dict[str, Any]) -> object:
    return [found[key] for key in ("pid", "rss", "vms", "rss_anonymous", "command", "peak_vms")]


def regions(found: dict[str, Any]) -> object:
    return {
        name: [(region["start"], region["end"], region["rss"]) for region in group["regions"]]
        for name, group in found["groups"].items()
    }


def cpu(found: dict[str, Any]) -> object:
    assert 0 <= found["percent"] < 60, "it has done nothing since it was first asked about"
    assert all(0 <= thread["cpu_percent"] < 60 for thread in found["threads"])
    return found["pid"], round(found["user_seconds"] + found["system_seconds"], 1), found["start_ticks"]


def layout(found: dict[str, Any]) -> object:
    return [found["pages"][key] for key in ("virtual", "resident", "swapped", "executable")]


def comprehensive(found: dict[str, Any]) -> object:
    return memory(found["memory"]), regions(found["regions"]), layout(found["layout"]), cpu(found["cpu"])


def text(found: str) -> object:
    return re.sub("(CPU Usage|Process Status): .*", "", found)


METHODS: dict[str, Callable[[Any], object]] = {
    "get_detailed_memory_info": memory, "analyze_memory_regions": regions, "analyze_cpu_behavior": cpu,
    "get_memory_layout_analysis": layout, "get_comprehensive_analysis": comprehensive,
    "get_process_memory_summary": text, "get_memory_regions_report": text,
}  # fmt: skip

# What is done to a process that has been read, and what is then found under its number
CHANGES = {
    "another one as large": ("start 4", "end", "start 4"),
    "a larger one": ("start 1", "end", "start 9"),
    "a smaller one": ("start 9", "end", "start 1"),
    "an idle one after a busy one": ("start 4 0.5", "end", "start 5"),
    "a busy one after an idle one": ("start 4", "end", "start 5 0.5"),
    "one of which a zombie was left": ("start 4", "zombie", "end", "start 6"),
    "the third one": ("start 4", "end", "start 5", "end", "start 6"),
    "another program": ("start 4", "exec 4"),
    "a larger program": ("start 1", "exec 9"),
    "a smaller program": ("start 9", "exec 1"),
    "an idle program after a busy one": ("start 3 0.5", "exec 4"),
    "another program at fixed addresses": ("start 9", "exec 2 setarch"),
    "another one that has run another program": ("start 4", "end", "start 2", "exec 5"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_that_no_answer_is_of_who_had_the_number_before(numbered: Numbered, change: str) -> None:
    first, *rest = CHANGES[change]
    with MemoryAnalyzer(FOR_EVER) as keeping, MemoryAnalyzer(0) as fresh:
        for _ in range(3):
            numbered.tell(first)
            for method in METHODS:
                getattr(keeping, method)(numbered.pid)
            for order in rest:
                numbered.tell(order)
            for method, essence in METHODS.items():
                found, now = (getattr(one, method)(numbered.pid) for one in (keeping, fresh))
                assert essence(found) == essence(now), method
            numbered.tell("end")
            for method in METHODS:
                with pytest.raises(ProcessGone, match=str(numbered.pid)):
                    getattr(keeping, method)(numbered.pid)
        numbered.tell("start 1")


def test_that_an_answer_about_a_process_that_goes_on_is_kept(numbered: Numbered) -> None:
    with MemoryAnalyzer(FOR_EVER) as keeping:
        for order in ("start 4", "exec 5"):
            numbered.tell(order)
            once, again = (keeping.get_comprehensive_analysis(numbered.pid) for _ in range(2))
            assert once == again


def test_that_a_zombie_is_not_told_to_have_the_memory_that_it_had(numbered: Numbered) -> None:
    with MemoryAnalyzer(FOR_EVER) as keeping:
        numbered.tell("start 4")
        assert keeping.get_detailed_memory_info(numbered.pid)["rss"]
        numbered.tell("zombie")
        assert not keeping.get_detailed_memory_info(numbered.pid)["rss"]
        assert keeping.get_detailed_memory_info(numbered.pid)["state"] == "Z"


def test_that_errors_of_a_process_that_ended_are_ours(numbered: Numbered) -> None:
    """While processes of one number come and go, every answer is of one of them, or says that it has ended."""
    numbered.tell("start 4")
    with MemoryAnalyzer(FOR_EVER) as keeping:
        for turn in range(60):
            try:
                found = keeping.get_comprehensive_analysis(numbered.pid)
                assert found["memory"]["vms"] == found["regions"]["total"]["size"]
            except MemvizError:
                pass
            numbered.tell("end" if turn % 2 == 0 else f"start {turn % 5}")

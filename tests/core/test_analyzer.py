from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import memviz
from memviz.core.analyzer import MemoryAnalyzer
from memviz.errors import ProcessGone
from tests.programs import running

pytestmark = pytest.mark.live
SLEEPER = [sys.executable, "-c", "import sys; kept = bytearray(1 << 22); print('ready', flush=True); sys.stdin.read()"]


@pytest.fixture(scope="module")
def analyzer() -> Iterator[MemoryAnalyzer]:
    with MemoryAnalyzer() as opened:
        yield opened


@pytest.fixture(scope="module")
def pid() -> Iterator[int]:
    with running(SLEEPER, "ready") as (pid, _):
        yield pid


@pytest.mark.parametrize(
    "method",
    [
        "get_detailed_memory_info",
        "analyze_memory_regions",
        "analyze_cpu_behavior",
        "get_memory_layout_analysis",
        "get_comprehensive_analysis",
    ],
)
def test_that_every_answer_is_a_dict_that_json_can_hold(analyzer: MemoryAnalyzer, pid: int, method: str) -> None:
    told = getattr(analyzer, method)(pid)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["pid"] == pid


def test_that_the_memory_info_has_what_the_kernel_says(analyzer: MemoryAnalyzer, pid: int) -> None:
    told = analyzer.get_detailed_memory_info(pid)
    with open(f"/proc/{pid}/statm", "rb") as statm:
        size, resident, shared, text, _, data, _ = (int(field) * 4096 for field in statm.read().split())
    assert (told["vms"], told["rss"], told["shared"]) == (size, resident, shared)
    assert (told["text"], told["data"]) == (text, data)
    assert 0 < told["uss"] <= told["pss"] <= told["rss"] <= told["peak_rss"]
    assert 0 < told["percent"] < 100
    assert told["swap"] == 0
    assert told["limits"]["Max stack size"] is None or told["limits"]["Max stack size"] > 0


def test_that_regions_come_by_group_and_sum_to_the_total(analyzer: MemoryAnalyzer, pid: int) -> None:
    told = analyzer.analyze_memory_regions(pid)
    for key in ("size", "rss", "count"):
        assert sum(group[key] for group in told["groups"].values()) == told["total"][key]
    for group in told["groups"].values():
        assert len(group["regions"]) == group["count"]
        for region in group["regions"]:
            assert {"start", "end", "size", "rss", "permissions", "path"} <= set(region)


def test_that_the_layout_counts_pages_and_says_how_it_knows(analyzer: MemoryAnalyzer, pid: int) -> None:
    told = analyzer.get_memory_layout_analysis(pid)
    pages = told["pages"]
    assert pages["resident"] == pages["shared"] + pages["private"]
    assert pages["virtual"] == pages["resident"] + pages["swapped"] + pages["untouched"]
    assert pages["executable"] <= pages["readable"] <= pages["virtual"]
    assert set(told["how"]) == set(pages)


def test_that_a_busy_thread_shows_in_the_cpu_behaviour() -> None:
    script = "import sys, threading; print('ready', flush=True); threading.Thread(target=sys.stdin.read).start()\n"
    script += "while threading.active_count() > 1: pass"
    with MemoryAnalyzer(cache_seconds=0) as analyzer, running([sys.executable, "-c", script], "ready") as (pid, _):
        analyzer.analyze_cpu_behavior(pid)
        told = analyzer.analyze_cpu_behavior(pid)
    busy = max(told["threads"], key=lambda thread: thread["cpu_percent"] or 0)
    assert busy["tid"] == pid
    assert told["percent"] == pytest.approx(sum(thread["cpu_percent"] for thread in told["threads"]))
    assert told["percent"] > 10
    assert told["user_seconds"] + told["system_seconds"] > 0
    assert told["nice"] == 0


def test_that_a_comprehensive_analysis_is_of_one_snapshot(analyzer: MemoryAnalyzer, pid: int) -> None:
    told = analyzer.get_comprehensive_analysis(pid)
    assert told["memory"]["time"] == told["regions"]["time"] == told["layout"]["time"]
    assert told["memory"]["pss"] == told["regions"]["total"]["pss"]


def test_that_answers_are_kept_for_a_while_and_not_for_longer(pid: int) -> None:
    with MemoryAnalyzer(cache_seconds=60) as keeping, MemoryAnalyzer(cache_seconds=0) as fresh:
        assert keeping.analyze_memory_regions(pid)["time"] == keeping.analyze_memory_regions(pid)["time"]
        assert fresh.analyze_memory_regions(pid)["time"] < fresh.analyze_memory_regions(pid)["time"]


def test_that_many_threads_get_the_same_answers(pid: int) -> None:
    seen: list[Any] = []
    with MemoryAnalyzer(cache_seconds=0) as analyzer:

        def ask() -> None:
            for _ in range(5):
                seen.append(analyzer.analyze_memory_regions(pid)["total"]["size"])
                analyzer.get_system_memory_context()

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(seen) == 30
    assert len(set(seen)) == 1


def test_that_a_process_that_is_not_there_is_gone_for_every_method(analyzer: MemoryAnalyzer) -> None:
    for method in ("get_detailed_memory_info", "analyze_cpu_behavior", "get_process_memory_summary"):
        with pytest.raises(ProcessGone):
            getattr(analyzer, method)(2**22 + 12345)


def test_that_the_texts_are_the_reports(analyzer: MemoryAnalyzer, pid: int) -> None:
    assert analyzer.get_process_memory_summary(pid).startswith(f"Process Memory Analysis for PID {pid}\n=====")
    assert analyzer.get_memory_regions_report(pid).startswith(f"Memory Regions Analysis for PID {pid}\n=====")


def test_that_sizes_are_written_with_one_decimal(analyzer: MemoryAnalyzer) -> None:
    assert analyzer.format_memory_size(47_395_635) == "45.2 MB"
    assert analyzer.format_memory_size(0) == "0.0 B"
    assert analyzer.format_memory_size(1 << 40) == "1.0 TB"


def test_that_the_package_gives_a_snapshot_as_documented(pid: int) -> None:
    snapshot = memviz.snapshot(pid)
    assert int(snapshot.regions["rss"].sum()) == snapshot.totals["rss"]
    assert snapshot.regions[0].path.startswith("/")
    assert snapshot.absent == {}
    for name in ("start", "end", "size", "pss", "swap", "block"):
        assert len(snapshot.regions[name]) == len(snapshot.regions)

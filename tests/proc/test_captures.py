"""Real files of many kernels: those captured in the folder of shared data, and those of the processes here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc.keyed import parse_counts, parse_keyed, parse_limits, parse_pressure
from memviz.proc.maps import MapsDecoder, Raw
from memviz.proc.smaps import SmapsDecoder
from memviz.proc.stat import parse_stat, parse_statm
from tests.strategies import mutated

Parser = Callable[[bytes], object]


def parse_maps(text: bytes) -> Raw:
    decoder = MapsDecoder()
    decoder.feed(text)
    return decoder.finish()


def parse_smaps(text: bytes) -> Raw:
    decoder = SmapsDecoder()
    decoder.feed(text)
    return decoder.finish()


# By the end of the file's name, the longest first
PARSERS: dict[str, Parser] = {
    "smaps4_rollup": parse_counts,
    "smaps6_rollup": parse_counts,
    "smaps_rollup": parse_counts,
    "smaps_short": parse_smaps,
    "smaps4": parse_smaps,
    "smaps6": parse_smaps,
    "smaps": parse_smaps,
    "maps_short": parse_maps,
    "maps": parse_maps,
    "status": parse_keyed,
    "statm": parse_statm,
    "stat": parse_stat,
    "comm": bytes.strip,
}
LIVE: dict[str, Parser] = {
    "smaps": parse_smaps, "maps": parse_maps, "smaps_rollup": parse_counts, "status": parse_keyed, "stat": parse_stat,
    "statm": parse_statm, "limits": parse_limits, "io": parse_counts,
}  # fmt: skip
LIVE_OF_HOST: dict[str, Parser] = {
    "/proc/meminfo": parse_counts, "/proc/vmstat": parse_counts, "/proc/pressure/memory": parse_pressure,
}  # fmt: skip


def parser_of(file: Path) -> Parser:
    kind = file.name.rpartition(".")[2]
    return PARSERS[kind]


def captures(shared: Path) -> list[Path]:
    files = [file for file in sorted((shared / "procdata").iterdir()) if file.name != "SOURCES.md"]
    assert files
    return files


def odd_rows(parsed: object) -> list[bytes]:
    return parsed.odd if isinstance(parsed, Raw) else []


def test_that_every_captured_file_is_understood_to_the_last_row(shared: Path) -> None:
    for file in captures(shared):
        text = file.read_bytes()
        parsed = parser_of(file)(text)
        assert not odd_rows(parsed), file.name
        if isinstance(parsed, Raw):
            assert bool(len(parsed)) == bool(text), file.name
        elif isinstance(parsed, dict):
            assert len(parsed) > 15, file.name


def test_that_as_many_regions_are_read_as_there_are_headers_in_a_captured_file(shared: Path) -> None:
    counts = {}
    for file in captures(shared):
        parsed = parser_of(file)(file.read_bytes())
        if isinstance(parsed, Raw):
            counts[file.name] = len(parsed)
    assert counts["pcp-linux-5.5.7-x86_64-pid1.smaps"] == 233
    assert counts["linux-6.18-x86_64-cat.smaps"] == counts["linux-6.18-x86_64-cat.maps"] == 38
    assert counts["android-libmeminfo.smaps_short"] == counts["android-libmeminfo.maps_short"] == 6
    assert counts["android-unwindstack-jit_debug_arm.maps"] == 11
    assert counts["prometheus-26232.maps"] == 9
    assert counts["linux-6.18-x86_64-zombie.maps"] == 0


def test_that_values_of_captured_files_are_the_ones_a_person_reads_in_them(shared: Path) -> None:
    folder = shared / "procdata"
    hostile = parse_stat((folder / "linux-6.18-x86_64-hostile-comm.stat").read_bytes())
    assert (hostile.pid, hostile.comm, hostile.state) == (22606, b"a) Z 1\n(b", "R")
    parentheses = parse_stat((folder / "prometheus-584-parens-in-comm.stat").read_bytes())
    assert (parentheses.comm, parentheses.start_brk) == (b"(a b ) ( c d) ", 25579520)
    old = parse_stat((folder / "pcp-linux-2.6.32-pid1.stat").read_bytes())
    assert (old.start_stack, old.start_data, old.start_brk) == (140735322560512, 0, 0)
    assert parse_stat((folder / "linux-6.18-x86_64-kthread.stat").read_bytes()).is_kernel_thread
    android = parse_smaps((folder / "android-libmeminfo.smaps_short").read_bytes())
    assert android.paths[int(android.columns["path_id"][0])] == b"[anon:dalvik-zygote-jit-code-cache]"
    systemd = parse_smaps((folder / "pcp-linux-5.5.7-x86_64-pid1.smaps").read_bytes())
    assert set(systemd.columns["thp_eligible"].tolist()) <= {0, 1}
    rollup = parse_counts((folder / "pcp-linux-5.5.7-x86_64-pid1.smaps_rollup").read_bytes())
    # read a moment after each other: Pss is rounded in each region
    assert abs(int(systemd.columns["rss"].sum()) - rollup["Rss"]) <= 64 << 10


def broken_laws(raw: Raw) -> list[str]:
    """The laws of smaps that a row of the table breaks."""
    c = {name: np.asarray(column) for name, column in raw.columns.items()}
    laws = {
        "size is end - start": raw.columns["end"] > raw.columns["start"],
        "rss is shared and private, clean and dirty": c["rss"]
        == c["shared_clean"] + c["shared_dirty"] + c["private_clean"] + c["private_dirty"],
        "pss <= rss": c["pss"] <= c["rss"],
        "rss <= size": c["rss"] <= c["end"] - c["start"],
        "anonymous <= rss": c["anonymous"] <= c["rss"],
        "referenced <= rss": c["referenced"] <= c["rss"],
        "swap_pss <= swap": c["swap_pss"] <= c["swap"],
    }
    return [law for law, holds in laws.items() if not holds.all()]


def test_that_the_arithmetic_of_smaps_holds_in_every_captured_row(shared: Path) -> None:
    tables = [file for file in captures(shared) if "smaps" in file.name and "rollup" not in file.name]
    assert len(tables) >= 5
    assert {file.name: broken_laws(parse_smaps(file.read_bytes())) for file in tables} == {
        file.name: [] for file in tables
    }


@pytest.mark.parametrize(("field", "law"), [("Pss", "pss <= rss"), ("Swap", ""), ("SwapPss", "swap_pss <= swap")])
def test_that_a_row_that_breaks_the_arithmetic_is_found(shared: Path, field: str, law: str) -> None:
    text = (shared / "procdata" / "linux-6.18-x86_64-cat.smaps").read_bytes()
    name = field.encode() + b":"
    changed = text.replace(name.ljust(16) + b"       0 kB", name.ljust(16) + b"  999999 kB")
    changed = changed.replace(name.ljust(16) + b"       8 kB", name.ljust(16) + b"  999999 kB")
    assert changed != text
    assert broken_laws(parse_smaps(changed)) == [law] * bool(law)


@pytest.mark.live
def test_that_the_arithmetic_of_smaps_holds_in_this_process() -> None:
    raw = parse_smaps(Path("/proc/self/smaps").read_bytes())
    assert len(raw) > 20
    assert not raw.odd
    assert broken_laws(raw) == []


def corpus(shared: Path) -> list[tuple[str, Parser, bytes]]:
    files = [(file.name, parser_of(file), file.read_bytes()[:6000]) for file in captures(shared)]
    if os.path.exists("/proc/self/smaps"):
        files += [
            (f"self/{name}", parser, Path(f"/proc/self/{name}").read_bytes()[:6000]) for name, parser in LIVE.items()
        ]
        for name, parser in LIVE_OF_HOST.items():
            if os.path.exists(name):
                files.append((name, parser, Path(name).read_bytes()[:6000]))
    return [(name, parser, text) for name, parser, text in files if text]


def test_that_a_mutated_real_file_gives_rows_or_is_malformed_and_nothing_else(shared: Path) -> None:
    files = corpus(shared)
    assert len(files) > 40

    @settings(max_examples=600)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        _, parser, text = data.draw(st.sampled_from(files))
        text = data.draw(mutated(text))
        try:
            parsed = parser(text)
        except Malformed:
            return
        if isinstance(parsed, Raw):
            assert len({len(column) for column in parsed.columns.values()}) == 1
            assert int(np.max(parsed.columns["path_id"], initial=0)) < len(parsed.paths)

    check()

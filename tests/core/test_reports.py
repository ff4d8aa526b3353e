from __future__ import annotations

import errno

from memviz.core.cpu import CpuBehavior
from memviz.core.reports import regions_report, summary_report
from memviz.core.snapshot import Snapshot
from tests.builders import snapshot

LINES = (
    "400-612 r-xp /usr/bin/python3.9 rss=8k",
    "612-620 rw-p /usr/bin/python3.9",
    "700-800 rw-p [heap] rss=8k",
    "900-904 rw-p",
)


def cpu(seen: Snapshot, percent: float | None = 2.337) -> CpuBehavior:
    return CpuBehavior(seen.identity, percent, 0.5, 1.0, 1.0, "running", 0, None, "0-1", None, None, ())


def test_that_the_summary_has_its_fixed_form() -> None:
    seen = snapshot(*LINES, start_code=0x400000)
    assert (
        summary_report(seen, cpu(seen))
        == """\
Process Memory Analysis for PID 7
==================================================

Memory Usage:
- RSS (Resident Set Size): 400.0 KB
- VMS (Virtual Memory Size): 3.9 MB
- Shared Memory: 200.0 KB
- Text Segment: 40.0 KB
- Data Segment: 800.0 KB

Memory Regions:
- Text Segments: 1 regions (2.1 MB)
- Data Segments: 1 regions (56.0 KB)
- Heap Segments: 1 regions (1.0 MB)
- Stack Segments: 0 regions (0.0 B)
- Library Segments: 0 regions (0.0 B)
- Anonymous Memory: 1 regions (16.0 KB)

CPU Behavior:
- CPU Usage: 2.34%
- Number of Threads: 1
- Process Status: running
"""
    )


def test_that_the_report_of_regions_has_its_fixed_form() -> None:
    seen = snapshot(*LINES[:1], start_code=0x400000)
    assert (
        regions_report(seen)
        == """\
Memory Regions Analysis for PID 7
==================================================

Total Regions: 1
Total Size: 2.1 MB

TEXT REGIONS (1 regions):
----------------------------------------
1. /usr/bin/python3.9
   Size: 2.1 MB
   Permissions: r-xp
   Address: 0x400000
"""
    )


def test_that_the_report_lists_every_region_once() -> None:
    text = regions_report(snapshot(*LINES, start_code=0x400000))
    assert text.count("   Address: ") == len(LINES)


def test_that_what_is_not_known_is_a_dash_with_its_reason_and_not_zero() -> None:
    seen = snapshot(errno=errno.EACCES)
    text = summary_report(seen, cpu(seen, None))
    assert "- Heap Segments: –\n" in text
    assert "- CPU Usage: –\n" in text
    assert "- regions: denied: smaps may not be read; " in text


def test_that_a_hostile_path_cannot_forge_a_line_of_a_report() -> None:
    text = regions_report(snapshot("10-14 r--p /x\r\x1b[2Jy\u202e"))
    assert "1. /x\\x0d\\x1b[2Jy\\u202e\n" in text
    assert all(char.isprintable() or char == "\n" for char in text)

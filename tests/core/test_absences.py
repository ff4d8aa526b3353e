"""Each file, each errno: what could not be read has its reason in snapshots, JSON and text, and is never 0."""

from __future__ import annotations

import errno
import json
import struct
from collections.abc import Iterator
from dataclasses import replace

import pytest

from memviz.core.host import Host
from memviz.core.plain import memory_dict, regions_dict
from memviz.core.reports import summary_report
from memviz.core.snapshot import REASONS, Snapshot
from memviz.errors import AccessDenied, MemvizError, ProcessGone, error_of
from memviz.proc import reader
from memviz.proc.link import Frame
from tests.builders import STAT, smaps_text

FILES = {
    "stat": STAT % (0x400000, 0, 0),
    "statm": b"1000 100 50 10 0 200 0\n",
    "status": b"Name:\tprogram\n"
    b"Uid:\t1000\t1000\t1000\t1000\nVmPTE:\t      44 kB\nVmSwap:\t       8 kB\nRssAnon:\t 12 kB\n",
    "limits": b"Limit                     Soft Limit           Hard Limit           Units     \n",
    "cgroup": b"0::/user.slice\n",
    "oom_score": b"666\n",
    "oom_score_adj": b"0\n",
    "cmdline": b"/bin/program\0",
    "smaps": smaps_text("400-410 r-xp /bin/program rss=8k", "700-800 rw-p [heap] rss=16k"),
}
ERRNOS = {
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOENT: "unsupported",
    errno.ETIMEDOUT: "not answering",
    errno.ESRCH: "gone",
}


class Scripted:
    """A reader whose every answer is given beforehand."""

    def __init__(self, failing: str = "", code: int = 0) -> None:
        self.failing, self.code = failing, code

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        if verb == "hello":
            facts = "page_size=4096\nclock_ticks=100\nkernel=6.18.0\nmachine=x86_64\nuid=1001\ncpus=2\ntime=5\n"
            yield Frame(reader.DATA, 0, facts.encode())
        elif verb in ("files", "host"):
            names = arguments[-1].split(",") if verb == "files" else arguments[0].split(",")
            for tag, name in enumerate(names):
                code = self.code if name == self.failing else 0 if name in FILES else errno.ENOENT
                if not code:
                    yield Frame(reader.DATA, tag, FILES[name])
                yield Frame(reader.FILE, tag, f"errno={code} alive=1".encode())
        yield Frame(reader.END, 0, b"errno=0 inode=9")

    def close(self) -> None: ...


def seen(failing: str = "", code: int = 0) -> tuple[Host, Snapshot]:
    host = Host(Scripted(failing, code))
    return host, host.snapshot(7)


def test_that_nothing_is_absent_when_everything_can_be_read() -> None:
    assert seen()[1].absent == {}


@pytest.mark.parametrize(("code", "reason"), ERRNOS.items(), ids=lambda value: str(value))
@pytest.mark.parametrize("name", [name for name in FILES if name != "stat"])
def test_that_a_file_that_fails_is_absent_with_its_reason_everywhere(name: str, code: int, reason: str) -> None:
    host, snapshot = seen(name, code)
    key = "regions" if name == "smaps" else name
    assert snapshot.absent[key].reason == reason
    assert reason in REASONS
    assert set(snapshot.absent) == {key}
    for told in (memory_dict(host, snapshot), regions_dict(snapshot)):
        assert json.loads(json.dumps(told))["absent"][key]["reason"] == reason


@pytest.mark.parametrize("reason", REASONS)
def test_that_an_error_is_found_by_its_reason(reason: str) -> None:
    found = error_of(reason)
    assert found.reason == reason or found is MemvizError
    assert (found is AccessDenied, found is ProcessGone) == (reason == "denied", reason == "gone")


def test_that_denied_regions_say_what_would_help() -> None:
    why = seen("smaps", errno.EACCES)[1].absent["regions"]
    assert "as user 1000" in why.remedy
    assert "sudo" in why.remedy


def test_that_what_smaps_would_tell_is_unknown_and_not_zero_without_it() -> None:
    host, snapshot = seen("smaps", errno.EACCES)
    assert all(value is None for value in snapshot.totals.values())
    told = memory_dict(host, snapshot)
    assert told["pss"] is None
    assert told["uss"] is None
    assert told["region_count"] is None
    assert told["rss"] == 100 * 4096
    assert told["private_swap"] == (12 + 8) << 10
    assert snapshot.committed is None


def test_that_what_is_in_memory_is_told_by_the_best_that_can_be_read() -> None:
    by_regions, by_counters = seen()[1], seen("smaps", errno.EACCES)[1]
    assert by_regions.resident == (8 + 16) << 10
    assert by_counters.resident == 100 * 4096
    status = {**by_counters.facts.status, "VmRSS": 7}
    without = by_counters.facts._replace(statm=None, status=status)
    assert replace(by_counters, facts=without).resident == 7
    assert replace(by_counters, facts=without._replace(status={})).resident is None


def test_that_what_status_would_tell_is_unknown_and_not_zero_without_it() -> None:
    host, snapshot = seen("status", errno.EACCES)
    told = memory_dict(host, snapshot)
    assert told["page_tables"] is None
    assert told["swap"] is None
    assert told["peak_rss"] is None


def test_that_a_report_without_regions_ends_with_the_reason() -> None:
    from memviz.core.cpu import CpuBehavior

    _, snapshot = seen("smaps", errno.ETIMEDOUT)
    cpu = CpuBehavior(snapshot.identity, None, None, 0, 0, "sleeping", 0, None, "", None, None, ())
    assert "- regions: not answering: " in summary_report(snapshot, cpu)


def test_that_a_list_that_ends_in_the_middle_is_malformed() -> None:
    from memviz.core.gather import records
    from memviz.errors import Malformed

    record = reader.RECORD.pack(7, 9) + reader.FIELD.pack(0, 10) + b"x" * 10
    whole = list(records(iter([Frame(reader.DATA, 0, record)]), 1))
    assert whole == [(7, 9, [b"x" * 10])]
    for length in range(1, reader.RECORD.size + reader.FIELD.size):
        with pytest.raises(Malformed):
            list(records(iter([Frame(reader.DATA, 0, record[:length])]), 1))
    assert struct.calcsize("!IQ") == reader.RECORD.size

"""The Source of other systems: psutil runs here too, so it is asked directly; memviz on Linux never does."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from memviz.core.portable import ATTRIBUTES, NOT_LINUX, PROCESS_ITEMS, STATES, PortableSource, _row
from memviz.core.snapshot import REASONS
from memviz.core.source import Source
from memviz.core.system import system_as_dict
from memviz.errors import AccessDenied, MemvizError, ProcessGone, Unsupported

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def source() -> PortableSource:
    return PortableSource()


def test_that_processes_come_in_order_and_hold_this_one(source: PortableSource) -> None:
    rows = source.processes()
    assert [row.pid for row in rows] == sorted({row.pid for row in rows})
    here = next(row for row in rows if row.pid == os.getpid())
    assert here.ppid == os.getppid()
    assert here.state == "R"
    assert here.threads >= 1
    assert here.rss is not None
    assert here.vms is not None
    assert here.vms > here.rss > 1 << 20
    assert here.command is not None
    assert "pytest" in here.command


def test_that_what_psutil_does_not_tell_of_a_process_is_none_with_a_reason(source: PortableSource) -> None:
    for row in source.processes():
        names = ("command", "user", "threads", "rss", "vms", "swap", "private_swap", "cpu_seconds")
        lacking = {name for name in names if row.get(name) is None}
        assert lacking <= set(row.absent or {})
        assert {why.reason for why in (row.absent or {}).values()} <= {"denied", "unsupported"}


def test_that_a_process_that_tells_nothing_is_listed_with_nothing() -> None:
    told = dict.fromkeys(ATTRIBUTES) | {"pid": 9, "name": "guarded\x1b[31m"}
    row = _row(told)
    assert (row.pid, row.name, row.rss, row.cpu_seconds, row.threads) == (9, "guarded\\x1b[31m", None, None, None)
    assert row.absent is not None
    assert row.absent["rss"].reason == "denied"
    assert row.absent["rss"].remedy


def test_that_a_sample_has_the_counters_psutil_has_and_none_for_others(source: PortableSource) -> None:
    sample = source.sample(os.getpid())
    assert sample.identity.pid == os.getpid()
    assert sample.rss > 1 << 20
    assert sample.cpu_seconds > 0
    assert sample.rss_anonymous is None
    assert sample.minor_faults is None
    assert sample.identity == source.sample(os.getpid()).identity


def test_that_the_faults_of_macos_are_divided(source: PortableSource, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SimpleNamespace(rss=5, vms=6, pfaults=100, pageins=30)
    monkeypatch.setattr(psutil.Process, "oneshot", lambda self: contextlib.nullcontext())
    monkeypatch.setattr(psutil.Process, "memory_info", lambda self: memory)
    sample = source.sample(os.getpid())
    assert (sample.minor_faults, sample.major_faults) == (70, 30)


def test_that_figures_are_told_or_absent_but_never_zero_for_unknown(source: PortableSource) -> None:
    figures = {row.item.name: row for row in source.figures(os.getpid())}
    assert [*figures] == [item.name for item in PROCESS_ITEMS]
    for name in ("rss", "vms", "uss", "user_seconds", "threads", "status", "nice", "cpus_allowed"):
        assert figures[name].value is not None, name
    assert figures["peak_rss"].value is None
    assert figures["peak_rss"].absent == NOT_LINUX
    assert figures["peak_rss"].text == "–"


def test_that_a_denied_figure_costs_no_other(source: PortableSource, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(process: psutil.Process) -> None:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "memory_full_info", deny)
    monkeypatch.setattr(psutil.Process, "nice", deny)
    figures = {row.item.name: row for row in source.figures(os.getpid())}
    assert figures["rss"].value
    for name in ("uss", "nice"):
        why = figures[name].absent
        assert why is not None
        assert (figures[name].value, why.reason) == (None, "denied")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (psutil.NoSuchProcess(1), ProcessGone),
        (psutil.ZombieProcess(1), ProcessGone),
        (psutil.AccessDenied(1), AccessDenied),
        (OSError("strange"), MemvizError),
    ],
)
def test_that_errors_of_psutil_become_those_of_memviz(
    source: PortableSource, monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: type[MemvizError]
) -> None:
    def fail(process: psutil.Process) -> None:
        raise raised

    monkeypatch.setattr(psutil.Process, "num_threads", fail)
    with pytest.raises(expected, match=str(os.getpid())) as caught:
        source.sample(os.getpid())
    assert type(caught.value) is expected


@pytest.mark.parametrize("pid", [-1, 0x7FFFFFFF, 1 << 70])
def test_that_a_number_without_a_process_is_no_crash(source: PortableSource, pid: int) -> None:
    with pytest.raises(MemvizError):
        source.sample(pid)


def test_that_regions_and_pages_are_refused_with_what_would_help(source: PortableSource) -> None:
    with pytest.raises(Unsupported, match=r"which regions .* `--via 'ssh HOST'`"):
        source.snapshot(os.getpid())
    with pytest.raises(Unsupported, match=r"which pages .* `--proc-root DIR`"):
        source.pages(os.getpid(), [(0, 4096)])


def test_that_the_system_is_the_same_record_with_less_in_it(source: PortableSource) -> None:
    system = source.system()
    assert system.memory_total == psutil.virtual_memory().total
    assert system.values["used"] is not None
    assert system.values["slab"] is None
    assert system.absent["slab"] == NOT_LINUX
    assert {why.reason for why in system.absent.values()} <= set(REASONS)
    assert sum(part.size or 0 for part in system.waterfall) == system.memory_total
    json.dumps(system_as_dict(system))


def test_that_it_is_a_source(source: PortableSource) -> None:
    typed: Source = source
    assert "this machine" in typed.name
    typed.close()


def test_that_every_state_psutil_knows_has_its_letter() -> None:
    known: dict[str, Any] = {name: getattr(psutil, name) for name in dir(psutil) if name.startswith("STATUS_")}
    linux = {
        name: value
        for name, value in known.items()
        if name not in ("STATUS_LOCKED", "STATUS_WAITING", "STATUS_SUSPENDED")
    }
    assert set(map(str, linux.values())) <= set(STATES)


def test_that_importing_it_does_not_import_psutil() -> None:
    program = "import sys, memviz.core.portable; print('psutil' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

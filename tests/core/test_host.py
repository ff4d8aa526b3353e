"""What a host makes of odd processes and of captured trees."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from memviz.core.connect import open_host
from memviz.core.facts import container_of
from memviz.core.headline import headline
from memviz.core.host import Host
from memviz.core.measures import MEASURES
from memviz.errors import Unsupported
from memviz.proc.stat import parse_stat
from tests.builders import STAT, smaps_text
from tests.programs import compiled, running

FILES = "stat statm status limits cgroup oom_score oom_score_adj cmdline smaps maps".split()


def capture(folder: Path, **files: bytes) -> Host:
    home = folder / "proc" / "7"
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_bytes(text)
    return open_host(proc_root=str(folder))


@pytest.mark.live
def test_that_a_process_whose_first_thread_has_ended_is_measured_through_the_others(host: Host, tmp_path: Path) -> None:
    with running([str(compiled("outlived", tmp_path))], "ready") as (pid, _):
        with open(f"/proc/{pid}/stat", "rb") as text:
            stat = parse_stat(text.read())
        snapshot = host.snapshot(pid)
        (row,) = [row for row in host.processes() if row.pid == pid]
    assert stat.leader_has_ended
    assert not stat.has_ended
    values = {measure.name: measure.value(snapshot) for measure in MEASURES}
    assert snapshot.totals["rss"] is not None
    assert (values["rss"] or 0) >= 8 << 20
    assert (values["vms"] or 0) >= 8 << 20
    assert (values["rss_anonymous"] or 0) >= 8 << 20
    assert (row.rss, row.vms) == (None, None)
    assert set(row.absent or {}) >= {"rss", "vms"}
    assert "keeps" in headline(snapshot)


def test_that_a_capture_of_another_page_size_is_counted_in_its_own_pages(tmp_path: Path) -> None:
    status = b"Name:\tx\nVmSize:\t   16384 kB\nVmRSS:\t    8192 kB\n"
    host = capture(tmp_path, stat=STAT % (0, 0, 0), statm=b"256 128 0 0 0 0 0\n", status=status, smaps=b"")
    assert host.hello.page_size == 64 << 10
    assert host.sample(7).rss == 8 << 20


def test_that_an_assumed_page_size_is_told_as_such(tmp_path: Path) -> None:
    smaps = smaps_text("10-14 rw-p rss=4k")
    host = capture(tmp_path, stat=STAT % (0, 0, 0), statm=b"256 128 0 0 0 0 0\n", smaps=smaps)
    assert host.snapshot(7).absent["page_size"].reason == "not captured"


def test_that_a_capture_is_of_the_time_when_it_was_made(tmp_path: Path) -> None:
    host = capture(tmp_path, stat=STAT % (0, 0, 0), smaps=smaps_text("10-14 rw-p rss=4k"))
    os.utime(tmp_path, (1000, 1000))
    assert host.snapshot(7).time == 1000


def test_that_a_capture_without_stat_says_so(tmp_path: Path) -> None:
    host = capture(tmp_path, smaps=smaps_text("10-14 rw-p"))
    with pytest.raises(Unsupported, match="not in the captured tree"):
        host.snapshot(7)


def test_that_an_empty_smaps_is_not_an_empty_process(tmp_path: Path) -> None:
    host = capture(tmp_path, stat=STAT % (0, 0, 0), statm=b"256 128 0 0 0 0 0\n", smaps=b"")
    snapshot = host.snapshot(7)
    assert snapshot.totals["size"] is None
    assert snapshot.absent["regions"].reason == "not captured"


def test_that_maps_does_where_there_is_no_smaps(tmp_path: Path) -> None:
    from tests.builders import maps_text

    host = capture(tmp_path, stat=STAT % (0, 0, 0), maps=maps_text("10-14 rw-p [heap]"))
    snapshot = host.snapshot(7)
    assert snapshot.totals["size"] == 4 * 4096
    assert snapshot.totals["rss"] is None
    assert snapshot.absent["residency"].reason == "not captured"


@pytest.mark.parametrize(
    "path",
    [
        b"/system.slice/docker.service",
        b"/system.slice/containerd.service",
        b"/system.slice/lxc.service",
        b"/machine.slice/libpod-conmon-0123456789ab.scope",
        b"/user.slice/docker-desktop",
    ],
)
def test_that_what_runs_containers_is_in_none(path: bytes) -> None:
    assert container_of(path) == ""


def test_that_a_name_given_to_lxc_is_a_container() -> None:
    assert container_of(b"/lxc.payload.web1/system.slice") == "web1"


@pytest.mark.live
def test_that_threads_that_come_and_go_count_as_use_of_the_processor(host: Host) -> None:
    from memviz.core.cpu import watch_cpu

    script = (
        "import threading, time\n"
        "def work():\n"
        "    until = time.monotonic() + 0.05\n"
        "    while time.monotonic() < until: pass\n"
        "print('ready', flush=True)\n"
        "for _ in range(400):\n"
        "    thread = threading.Thread(target=work); thread.start(); thread.join()\n"
    )
    with running([sys.executable, "-c", script], "ready") as (pid, _):
        told = watch_cpu(host, pid, 1.0)
    assert told.percent is not None
    assert told.percent > 10  # without the threads it would be about 1, with them what other programs leave


@pytest.mark.live
def test_that_a_default_reader_that_was_killed_is_started_again() -> None:
    import signal

    import memviz
    from memviz.core import analyzer

    memviz.snapshot(os.getpid())
    assert analyzer._default.keeper is not None
    link = analyzer._default.keeper.host.link
    os.kill(link.pid, signal.SIGKILL)  # type: ignore[attr-defined]  # a Link here, which has one
    while not link.has_failed:  # type: ignore[attr-defined]  # the same
        pass
    assert memviz.snapshot(os.getpid()).pid == os.getpid()

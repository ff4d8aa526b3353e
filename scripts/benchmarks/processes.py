"""The list of all processes, as a process table asks for it again and again."""

from __future__ import annotations

from typing import Any

import psutil

from benchmarks.record import Measurement, Setting
from benchmarks.targets import host, sleepers
from benchmarks.timing import alternate, same
from memviz.core.processes import Processes
from memviz.core.source import ProcessRow

COLUMNS = ["pid", "ppid", "name", "username", "status", "num_threads", "memory_info", "cmdline", "cpu_times"]
STATES = {"R": psutil.STATUS_RUNNING, "S": psutil.STATUS_SLEEPING, "D": psutil.STATUS_DISK_SLEEP}


def beside_psutil(setting: Setting, rounds: int, *, again: bool = False) -> Measurement:
    """All rows of both are made; those of the sleeping processes, which stand still, are compared. A list like the
    first one, or (`again`) like all later ones, for which descriptors and command lines were kept."""
    with sleepers(setting.processes) as pids, host() as here:
        sleeping = set(pids)

        def agree(ours: list[ProcessRow], theirs: list[dict[str, Any]]) -> None:
            same(
                "processes",
                [_comparable(row) for row in ours if row.pid in sleeping],
                [_of_psutil(info) for info in theirs if info["pid"] in sleeping],
            )

        def listed() -> list[dict[str, Any]]:
            return [process.info for process in psutil.process_iter(COLUMNS)]

        def anew() -> list[ProcessRow]:
            return Processes(here.link, here.hello, here.raw_user).all()

        agree(here.processes(), listed())
        return alternate(setting, rounds, here.processes if again else anew, listed, agree)


def again_beside_psutil(setting: Setting, rounds: int) -> Measurement:
    """As the window asks once a second."""
    return beside_psutil(setting, rounds, again=True)


def _comparable(row: ProcessRow) -> tuple[object, ...]:
    cpu = round(row.cpu_seconds or 0.0, 6)
    return (row.pid, row.ppid, row.name, row.user, STATES[row.state], row.threads, row.rss, row.vms, row.command, cpu)


def _of_psutil(info: dict[str, Any]) -> tuple[object, ...]:
    memory, cpu = info["memory_info"], info["cpu_times"]
    return (
        info["pid"], info["ppid"], info["name"], info["username"], info["status"], info["num_threads"],
        memory.rss, memory.vms, " ".join(info["cmdline"]), round(cpu.user + cpu.system, 6),
    )  # fmt: skip

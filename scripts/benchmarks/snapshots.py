"""A whole snapshot of a process with very many regions, beside reading the file, psutil and pmap."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import psutil

from benchmarks.plain import OWN, Table, read_away, read_whole, same_fields, same_regions
from benchmarks.record import Measurement, NotHere, Setting
from benchmarks.targets import host, many_regions
from benchmarks.timing import alternate, same
from memviz.core.host import Host
from memviz.core.regions import permission_text
from memviz.core.snapshot import Snapshot


def whole(here: Host, pid: int, measured: bool = True) -> Snapshot:
    """A snapshot with everything in it, also what is computed when it is first asked for."""
    snapshot = here.snapshot(pid, measured=measured)
    _ = snapshot.blocks, snapshot.totals, snapshot.groups
    return snapshot


def beside_bare_read(setting: Setting, rounds: int) -> Measurement:
    """smaps as typed columns with categories and blocks, beside reading it and throwing it away."""
    return _beside_reading(setting, rounds, "smaps")


def of_maps(setting: Setting, rounds: int) -> Measurement:
    """The same without residency: maps."""
    return _beside_reading(setting, rounds, "maps")


def _beside_reading(setting: Setting, rounds: int, file: str) -> Measurement:
    with many_regions(setting.regions) as pid, host() as here:
        path = f"/proc/{pid}/{file}"
        plain = Table(read_whole(path))

        def agree(snapshot: Snapshot, size: int) -> None:
            same("length of the text", plain.size, size)
            same_regions(snapshot.regions, plain)
            if file == "smaps":
                same_fields(snapshot.regions, lambda _, field: plain.field(field))
            same("regions in blocks", int(snapshot.blocks.counts.sum()), len(plain.starts))

        return alternate(setting, rounds, lambda: whole(here, pid, file == "smaps"), lambda: read_away(path), agree)


def beside_psutil(setting: Setting, rounds: int) -> Measurement:
    """The same numbers from psutil, which parses smaps line by line; every row is compared."""

    def agree(ours: Snapshot, theirs: list[Any]) -> None:
        table = ours.regions
        spans = zip(table["start"].tolist(), table["end"].tolist(), strict=True)
        same("addresses", [f"{start:08x}-{end:08x}" for start, end in spans], [m.addr for m in theirs])
        letters = [permission_text(bits) for bits in table["permissions"].tolist()]
        same("permissions", letters, [m.perms for m in theirs])
        same("sizes", table["size"].tolist(), [m.size for m in theirs])
        same_fields(table, lambda name, _: [getattr(m, name) for m in theirs])

    with many_regions(setting.regions) as pid, host() as here:
        process = psutil.Process(pid)

        def read() -> list[Any]:
            return process.memory_maps(grouped=False)

        return alternate(setting, rounds, lambda: whole(here, pid), read, agree)


def beside_pmap(setting: Setting, rounds: int) -> Measurement:
    """The same numbers from `pmap -X`; the sums in its last line are compared."""
    if shutil.which("pmap") is None:
        raise NotHere("there is no pmap")

    def agree(ours: Snapshot, sums: dict[str, int]) -> None:
        table = ours.regions
        # pmap adds up every row, also the kernel's [vsyscall], which is no part of memviz's totals
        for name, field in (("size", "Size"), *OWN):
            same(f"sum of {field}", int(table[name].sum()), sums[field])
        in_files = int(table["rss"][table["path_id"] != table.paths.index(b"")].sum())
        if abs(int(table["pss"].sum()) - sums["Pss"]) > in_files:  # pmap itself maps some of these files
            same("sum of Pss", int(table["pss"].sum()), sums["Pss"])

    with many_regions(setting.regions) as pid, host() as here:
        return alternate(setting, rounds, lambda: whole(here, pid), _pmap(pid), agree)


def _pmap(pid: int) -> Callable[[], dict[str, int]]:
    def run() -> dict[str, int]:
        with subprocess.Popen(["pmap", "-X", str(pid)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            first = last = b""
            while chunk := process.stdout.read(1 << 16):
                first, last = first or chunk, last[-4096:] + chunk
        names = first.split(b"\n")[1].decode().split()  # Address Perm Offset Device Inode Size ... Mapping
        sums = last.rstrip(b"\n").rsplit(b"\n", 1)[-1].split()[:-1]  # ... KB
        return {name: int(value) << 10 for name, value in zip(names[5:-1], sums, strict=False)}

    return run

"""All benchmarks, in the order in which they run."""

from __future__ import annotations

from benchmarks import pauses, plots, processes, room, snapshots, starts, ticks, victims
from benchmarks.record import Benchmark, at_most, beyond, faster, hardly_above, seconds

SNAPSHOT = "snapshot of 65,000 regions"
IMPORT_NUMPY = 'python -c "import numpy"'

BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "snapshot", SNAPSHOT, "reading smaps, keeping nothing",
        at_most(1.25), 15, snapshots.beside_bare_read,
    ),
    Benchmark(
        "snapshot-psutil", SNAPSHOT, "psutil memory_maps(grouped=False)",
        faster(3.5, better=4), 7, snapshots.beside_psutil,
    ),
    Benchmark(
        "snapshot-pmap", SNAPSHOT, "pmap -X",
        faster(3.5, better=4), 7, snapshots.beside_pmap,
    ),
    Benchmark(
        "pause", "longest gap of a thread during a snapshot", "longest gap of it when idle",
        beyond(0.05, better=0.01), 9, pauses.of_snapshot,
    ),
    Benchmark(
        "maps", "65,000 regions without residency", "reading maps, keeping nothing",
        at_most(1.8), 25, snapshots.of_maps,
    ),
    Benchmark(
        "tick", "RSS of 200 processes", "pread on 200 kept descriptors",
        at_most(2), 300, ticks.beside_pread,
    ),
    Benchmark(
        "tick-psutil", "RSS of 200 processes", "psutil memory_info() of 200",
        faster(8), 100, ticks.beside_psutil,
    ),
    Benchmark(
        "processes", "list of 2,000 processes", "psutil process_iter with the same columns",
        faster(3), 9, processes.beside_psutil,
    ),
    Benchmark(
        "import", "import memviz", IMPORT_NUMPY,
        at_most(1.3), 25, starts.of_import,
    ),
    Benchmark(
        "help", "memviz --help", IMPORT_NUMPY,
        seconds(0.15), 25, starts.of_help,
    ),
    Benchmark(
        "regions-command", "memviz regions PID", IMPORT_NUMPY,
        at_most(1.6), 25, starts.of_regions,
    ),
    Benchmark(
        "memory-peak", "memory while a snapshot is made", "the text of smaps",
        at_most(0.6), 3, room.at_the_most,
    ),
    Benchmark(
        "memory-kept", "memory that a snapshot keeps", "the text of smaps",
        at_most(0.4), 3, room.kept,
    ),
    Benchmark(
        "plot", "a value more in 20 series of 100,000, and repaint", "the same with 1,000",
        at_most(1.5), 40, plots.beside_short,
    ),
    Benchmark(
        "plot-pyqtgraph", "a value more in 20 series of 100,000, and repaint", "pyqtgraph's own lines",
        faster(5), 15, plots.beside_pyqtgraph,
    ),
    Benchmark(
        "victim", "p99 of a target's mmap + munmap, sampled", "nobody looking",
        hardly_above(1.1, plus=50e-6), 9, victims.of_sampling,
    ),
)  # fmt: skip

"""All benchmarks, in the order in which they run."""

from __future__ import annotations

from benchmarks import (
    maps_drawn,
    pauses,
    plots,
    processes,
    room,
    snapshots,
    starts,
    tables_sorted,
    ticks,
    victims,
    windows,
)
from benchmarks.record import (
    Benchmark,
    at_most,
    beyond,
    even,
    faster,
    frames,
    hardly_above,
    milliseconds,
    of_a_core,
    seconds,
)

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
        "processes-again", "the same list once more", "psutil process_iter with the same columns",
        faster(3), 9, processes.again_beside_psutil,
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
        "table", "a table of 65,000 regions sorted or filtered, and repaint", "no peer",
        seconds(0.03), 5, tables_sorted.at_all,
    ),
    Benchmark(
        "table-sort", "65,000 regions sorted anew, and repaint", "QSortFilterProxyModel over the same model",
        faster(50), 3, tables_sorted.of_sorting,
    ),
    Benchmark(
        "table-filter", "65,000 regions filtered, all again, and repaint", "QSortFilterProxyModel over the same model",
        faster(50), 3, tables_sorted.of_filtering,
    ),
    Benchmark(
        "map", "a frame of the map, 65,000 regions, 1,000,000 runs", "no peer",
        frames(8, 16), 200, maps_drawn.of_frames,
    ),
    Benchmark(
        "map-few", "a frame of the map, 65,000 regions, 1,000,000 runs", "the same of 1,000 regions",
        at_most(1.5), 60, maps_drawn.beside_few,
    ),
    Benchmark(
        "map-items", "everything in the map, moved and painted", "one QGraphicsRectItem a region",
        faster(20), 15, maps_drawn.beside_items,
    ),
    Benchmark(
        "map-zoom", "from everything to one page in 60 frames", "no peer",
        even(2, 33), 5, maps_drawn.of_zooming,
    ),
    Benchmark(
        "victim", "p99 of a target's mmap + munmap, sampled", "nobody looking",
        hardly_above(1.1, plus=50e-6), 9, victims.of_sampling,
    ),
    Benchmark(
        "first-paint", "the window's first paint", "a bare PySide6 window, pyqtgraph imported",
        at_most(1.5), 7, windows.first_paint,
    ),
    Benchmark(
        "first-useful", "a window with process and list", "a bare PySide6 window, pyqtgraph imported",
        seconds(1.5), 5, windows.first_useful,
    ),
    Benchmark(
        "gap", "longest gap of the window, 65,000 regions", "no peer",
        milliseconds(50), 3, windows.gap,
    ),
    Benchmark(
        "gap-stuck", "longest gap, eight that never answer", "no peer",
        milliseconds(100), 3, windows.gap_stuck,
    ),
    Benchmark(
        "own-cost", "200 processes and 1,000 regions at 1 Hz", "no peer",
        of_a_core(0.03), 2, windows.cost,
    ),
    Benchmark(
        "own-cost-hidden", "the same while nobody looks", "no peer",
        of_a_core(0.005), 2, windows.cost_hidden,
    ),
)  # fmt: skip

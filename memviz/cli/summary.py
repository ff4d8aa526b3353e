"""`memviz summary`: one process on one screen; or a tree of processes, or a control group."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memviz.errors import Unsupported, UsageError

if TYPE_CHECKING:
    from memviz.core.host import Host
    from memviz.core.portable import PortableSource
    from memviz.core.snapshot import Snapshot

HELP = "show what a process keeps in memory, in one screen"
EXAMPLE = "memviz summary firefox --biggest"
BLOCKS = 10  # so many are listed
LONGEST_NAME = 40  # of a block, here


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument

    add_target_argument(parser, optional=True)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tree", action="store_true", help="the process and all its descendants together")
    what.add_argument("--cgroup", metavar="PATH|PID", help="a control group, by its path or by a process in it")
    parser.add_argument("--all", action="store_true", help="every measure, not only the important ones")
    add_output_arguments(parser, rows=False, report=True)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.target import find_pid, opened_source
    from memviz.core.portable import PortableSource

    _check(arguments)
    with opened_source(arguments) as host:
        if isinstance(host, PortableSource):
            if arguments.tree or arguments.cgroup or arguments.report:
                raise Unsupported("--tree, --cgroup and --report need Linux")
            return _show_figures(host, find_pid(host, arguments), arguments)
        if arguments.cgroup:
            from memviz.cli.together import show_cgroup

            return show_cgroup(host, arguments)
        if arguments.target is None and arguments.biggest and not arguments.tree:
            return _show(host, _heaviest(host, arguments), arguments)
        pid = find_pid(host, arguments)
        if arguments.tree:
            from memviz.cli.together import show_tree

            return show_tree(host, pid, arguments)
        return _show(host, host.snapshot(pid), arguments)


def _check(arguments: argparse.Namespace) -> None:
    """Raises UsageError where one word would make another one mean nothing."""
    if arguments.cgroup is not None and (arguments.target or arguments.biggest):
        raise UsageError("name a process or a control group, not both")
    others = [f"--{name}" for name in ("tree", "cgroup", "all") if getattr(arguments, name)]
    if arguments.report and others:
        raise UsageError(f"--report is a fixed form of one process: it cannot heed {', '.join(others)}")


def _show_figures(source: PortableSource, pid: int, arguments: argparse.Namespace) -> int:
    """What can be told of a process without /proc."""
    from memviz.cli.output import note, print_json
    from memviz.cli.system import print_readings

    rows = source.figures(pid)
    if arguments.json:
        absent = {row.item.name: row.absent._asdict() for row in rows if row.absent is not None}
        print_json({"pid": pid, "memory": {row.item.name: row.value for row in rows}, "absent": absent})
        return 0
    print(f"process {pid} on {source.name}")
    for section in dict.fromkeys(row.item.section for row in rows):
        print_readings(arguments, section, [row for row in rows if row.item.section == section])
    note("what its memory consists of can be read on Linux only: `memviz --via 'ssh HOST' summary PID`")
    return 0


def _heaviest(host: Host, arguments: argparse.Namespace) -> Snapshot:
    """The heaviest process whose regions can be read, else the heaviest there is."""
    from memviz.cli.target import candidates
    from memviz.errors import MemvizError, ProcessGone

    first = None
    for row in candidates(host, arguments)[:50]:
        try:
            snapshot = host.snapshot(row.pid)
        except MemvizError:
            continue
        if "regions" not in snapshot.absent:
            return snapshot
        first = first or snapshot
    if first is None:
        raise ProcessGone("no process can be read")
    return first


def _show(host: Host, snapshot: Snapshot, arguments: argparse.Namespace) -> int:
    from memviz.cli.output import note, print_json
    from memviz.core.cpu import watch_cpu
    from memviz.core.plain import summary_dict
    from memviz.core.reports import summary_report

    if arguments.json:
        print_json(summary_dict(host, snapshot))
    elif arguments.report:
        print(summary_report(snapshot, watch_cpu(host, snapshot.pid, 0.1)), end="")
    else:
        _print(host, snapshot, arguments)
    for name, absence in snapshot.absent.items():
        note(f"{name}: {absence}")
    return 0


def _print(host: Host, snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.terminal import print_text
    from memviz.core.headline import cost, headline

    for line in (*_first_lines(host, snapshot), headline(snapshot)):
        print_text(arguments, line)
    if snapshot.no_memory is not None:
        return
    print_text(arguments, cost(snapshot))
    print()
    _print_bars(snapshot)
    if snapshot.groups and snapshot.regions.measured:
        _print_groups(snapshot)
        _print_blocks(snapshot, arguments)
    _print_measures(snapshot, arguments)
    _print_outside(snapshot, arguments)
    _print_standing(host, snapshot, arguments)


def _first_lines(host: Host, snapshot: Snapshot) -> list[str]:
    from memviz.core.cgroup_place import is_frozen
    from memviz.core.state import state_words
    from memviz.text import clipped, shown
    from memviz.units import counted

    facts = snapshot.facts
    words = [f"pid {snapshot.pid}"]
    if facts.namespace_pids:
        words.append(f"{facts.namespace_pids[-1]} inside its namespace")
    if facts.uid is not None:
        words.append(f"user {host.user(facts.uid)}")
    if facts.container:
        words.append(f"container {facts.container}")
    words.append(counted(facts.stat.threads, "thread"))
    frozen = is_frozen(host, facts.cgroups)
    words.append(state_words(facts.stat.state, facts.stat.threads, is_ending=facts.is_ending, is_frozen=frozen))
    command = clipped(" ".join(map(shown, facts.command)), 100)
    return [f"{snapshot.name}: {', '.join(words)}", *([command] if command else [])]


def _print_bars(snapshot: Snapshot) -> None:
    """Committed, resident, and private + swap on one scale; virtual in words, because it would dwarf them."""
    from memviz.cli.output import bar, size_or_dash

    facts = snapshot.facts
    bars = {"committed": snapshot.committed, "resident": snapshot.resident, "private + swap": snapshot.private_swap}
    longest = max((value or 0 for value in bars.values()), default=0)
    for name, value in bars.items():
        print(f"  {name:<15}{size_or_dash(value):>10}  {bar(value or 0, longest)}")
    virtual = facts.statm.size * snapshot.page_size if facts.statm else None
    print(f"  {'virtual':<15}{size_or_dash(virtual):>10}  addresses only, not to scale\n")


def _print_groups(snapshot: Snapshot) -> None:
    from memviz.cli.output import bar
    from memviz.units import percent, size

    total = snapshot.totals["rss"] or 0
    print("By kind" + " " * 15 + "resident  of mapped")
    ranked = sorted(snapshot.groups.items(), key=lambda item: (item[1].rss or 0, item[1].size), reverse=True)
    for name, group in ranked:
        share = percent(group.rss or 0, total)
        sizes = f"{size(group.rss or 0):>14}  {size(group.size):>9}"
        print(f"  {name:<14}{sizes}  {share:>7}  {bar(group.rss or 0, total)}".rstrip())
    print()


def _print_blocks(snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.output import print_pairs
    from memviz.core.blocks import families
    from memviz.text import clipped
    from memviz.units import percent, size

    total = snapshot.totals["rss"] or 0
    listed = families(snapshot.blocks)
    print("Largest blocks")
    pairs = []
    for family in listed[:BLOCKS]:
        text = f"{size(family.rss):>10} of {size(family.size):>9}  {percent(family.rss, total):>7}"
        doubt = "most likely" if not family.sure else ""
        pairs.append(
            (clipped(family.name, LONGEST_NAME), "  ".join(part for part in (text, family.detail, doubt) if part))
        )
    print_pairs(arguments, pairs)
    rest = listed[BLOCKS:]
    if rest:
        hidden = size(sum(family.rss for family in rest))
        print(f"  and {len(rest)} more with {hidden} in memory (memviz regions {snapshot.pid} --blocks)")
    print()


IMPORTANT = (
    "rss", "pss", "uss", "swap", "rss_anonymous", "rss_file", "rss_shmem", "peak_rss", "locked", "anon_huge_pages",
    "hugetlb", "minor_faults", "major_faults", "region_count", "writable_executable", "oom_score",
)  # fmt: skip


def _print_measures(snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.output import print_pairs
    from memviz.core.measures import MEASURES
    from memviz.units import DASH

    chosen = [measure for measure in MEASURES if arguments.all or measure.name in IMPORTANT]
    texts = [(measure.title, measure.show(measure.value(snapshot))) for measure in chosen]
    if arguments.all:
        print("Measures")
        meanings = [f"{measure.how}, {measure.source}: {measure.explanation}" for measure in chosen]
        rows = zip(texts, meanings, strict=True)
        print_pairs(arguments, ((title, f"{text:>10}", meaning) for (title, text), meaning in rows))
    else:
        print("Measures" + " " * 45 + "(--all explains them)")
        for at in range(0, len(texts), 2):
            print("  " + "   ".join(f"{title:<17}{text:>11}" for title, text in texts[at : at + 2]))
    if any(text == DASH for _, text in texts):
        print(f"  {DASH}: not known")
    print()


def _print_outside(snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.terminal import print_text
    from memviz.units import size

    known = [
        f"{item.name} {size(item.size)}" + (" (estimated)" if item.how == "estimated" else "")
        for item in snapshot.outside
        if item.size is not None
    ]
    unknown = [item.name for item in snapshot.outside if item.size is None]
    text = ", ".join(known) + (f"; not known: {', '.join(unknown)}" if unknown else "")
    print_text(arguments, text, "Outside the map: ")


def _print_standing(host: Host, snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    """Its share of the machine, and every limit of which something is used."""
    from memviz.cli.output import print_pairs
    from memviz.cli.terminal import print_text
    from memviz.core.standing import read_standing
    from memviz.units import DASH, percent

    found = read_standing(host, snapshot)
    print("\nWhere it stands")
    pairs = []
    for distance in (*found.shares, *found.limits):
        used = distance.write(distance.used) if distance.used is not None else DASH
        if distance.limit is None:
            continue
        share = percent(distance.used, distance.limit) if distance.used is not None else DASH
        pairs.append((distance.title, f"{used:>10} of {distance.write(distance.limit):>10}  {share:>7}"))
    print_pairs(arguments, pairs)
    unlimited = [distance.title for distance in found.limits if distance.unlimited]
    if unlimited:
        print_text(arguments, ", ".join(unlimited), "  no limit: ")

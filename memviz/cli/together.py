"""`memviz summary --tree` and `--cgroup`: several processes as one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memviz import units
from memviz.cli.output import note, print_json, print_pairs, size_or_dash
from memviz.cli.system import print_readings, print_waterfall
from memviz.cli.terminal import print_text
from memviz.core.cgroup import ControlGroup, cgroup_as_dict, read_cgroup, read_members
from memviz.core.tree import (
    Member,
    Together,
    compare,
    comparison_as_dict,
    process_tree,
    sum_processes,
    together_as_dict,
)  # fmt: skip
from memviz.units import is_pid

if TYPE_CHECKING:
    from memviz.core.host import Host

TOTALS = {
    "pss": ("PSS", "shared pages divided among the processes that map them: this is what they cost together"),
    "uss": ("USS", "what only one of them maps each"),
    "rss": ("RSS", "counts shared pages once a process: too much, shown because everybody else shows it"),
    "swap": ("Swap", "what of them is in swap"),
}


def show_tree(host: Host, pid: int, arguments: argparse.Namespace) -> int:
    """A process and its descendants, each with its share, and their sums."""
    branches = process_tree(host.processes(), pid)
    together = sum_processes(host, [branch.row.pid for branch in branches])
    if arguments.json:
        print_json({"pid": pid, **together_as_dict(together)})
        return 0
    print(f"{branches[0].row.name} and its descendants: {_count(len(branches))}")
    print()
    _print_members(arguments, together, {branch.row.pid: "  " * branch.depth + branch.row.name for branch in branches})
    _print_totals(arguments, together)
    return 0


def show_cgroup(host: Host, arguments: argparse.Namespace) -> int:
    """A control group: its charge, limits and pressure, what the charge is made of, and its processes against it."""
    word: str = arguments.cgroup
    group = read_cgroup(host, int(word) if is_pid(word) else word)
    members = read_members(host, group)
    together = sum_processes(host, members.pids)
    comparison = compare(group, together)
    if arguments.json:
        answer = {**cgroup_as_dict(group), "together": together_as_dict(together)}
        print_json({**answer, "comparison": comparison_as_dict(comparison)})
        return 0
    print_text(
        arguments, f"control group {group.path} (version {group.version}): {_count(len(_living(together.members)))}"
    )
    for text in filter(None, (group.note, _limit_sentence(group))):
        print_text(arguments, text)
    print()
    if group.current is None:
        print(f"Its charge is not known: {group.absent['current']}\n")
    else:
        print("What it is charged for")
        print_waterfall(arguments, group.waterfall)
        print("The same, as far as its processes show it")
        print_waterfall(arguments, comparison.parts)
    for section in dict.fromkeys(row.item.section for row in group.rows):
        print_readings(arguments, section, [row for row in group.rows if row.item.section == section])
    _print_members(arguments, together, {})
    _print_totals(arguments, together)
    if members.hidden:
        note(f"{members.hidden} of its processes are outside the reader's pid namespace")
    if members.rest:
        note(f"{members.rest} groups below it were not asked for their processes")
    for path, why in members.absent.items():
        note(f"{path}: {why}")
    return 0


def _count(number: int) -> str:
    return units.counted(number, "process", "es")


def _limit_sentence(group: ControlGroup) -> str:
    limit = group.limit
    if limit.unlimited:
        return "No memory limit is set for it."
    if limit.size is None:
        return "Its memory limit is not known."
    where = f" (set for {limit.path})" if limit.path and limit.path != group.path else ""
    used = f", {units.percent(group.current, limit.size)} of it used" if group.current is not None else ""
    return f"Its memory is limited to {units.size(limit.size)}{where}{used}." + (
        "" if limit.certain else " Groups above what can be seen may set less."
    )


def _living(members: tuple[Member, ...]) -> list[Member]:
    """Without those that have ended meanwhile: they have no memory that could be missing."""
    return [member for member in members if member.absent is None or member.absent.reason != "gone"]


def _print_members(arguments: argparse.Namespace, together: Together, names: dict[int, str]) -> None:
    if not together.members:
        return
    order = {pid: number for number, pid in enumerate(names)}
    members = sorted(_living(together.members), key=lambda m: order.get(m.pid, -(m.sizes["pss"] or 0)))
    print(f"  {'PID':>8}  {'PSS':>10}  {'USS':>10}  {'RSS':>10}  Name")
    for member in members:
        sizes = "  ".join(f"{size_or_dash(member.sizes[name]):>10}" for name in ("pss", "uss", "rss"))
        why = f"  ({member.absent.reason})" if member.absent else ""
        print_text(arguments, names.get(member.pid, member.name) + why, f"  {member.pid:>8}  {sizes}  ")
    print()


def _print_totals(arguments: argparse.Namespace, together: Together) -> None:
    print("Together")
    sizes = {name: f"{size_or_dash(together.totals[name]):>10}" for name in TOTALS}
    print_pairs(arguments, ((title, sizes[name], meaning) for name, (title, meaning) in TOTALS.items()))
    unread = len(_living(together.unread))
    if unread:
        note(f"not in these sums, because of permission or because it does not answer: {_count(unread)}")
    if together.doubt:
        note(f"{units.size(together.doubt)} may be counted twice: some processes seem to share one address space")

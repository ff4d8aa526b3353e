"""The lines of the list: whatever a list of processes says, each of them has one place."""

from hypothesis import given
from hypothesis import strategies as st

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow
from memviz.gui.processes.tree import KERNEL, arrange, family_sums, held, in_order, parents_of
from tests.gui.fake_source import process

PIDS = st.integers(1, 12)


@st.composite
def lists(draw: st.DrawFn) -> list[ProcessRow]:
    """Processes as a capture may tell them: parents in circles, unknown, younger than their children, numbers twice."""
    wanted = draw(st.lists(st.tuples(PIDS, PIDS, st.integers(0, 3), st.booleans(), st.none() | st.integers(0, 99))))
    rows = {
        (pid, start): process(
            pid, f"p{pid}", identity=Identity("b", 0, pid, start), ppid=ppid, is_kernel_thread=kernel and pid > 8,
            private_swap=size,
        )
        for pid, ppid, start, kernel, size in wanted
    }  # fmt: skip
    return list(rows.values())


def text(rows: list[ProcessRow], **options: object) -> list[str]:
    """`  name` for each line, two blanks a level, `+` where it is closed, `~` where it only leads to others."""
    usual: dict[str, object] = {"tree": True, "closed": (), "kernel_open": False}
    lines = arrange(rows, options.pop("matching", None), **{**usual, **options})  # type: ignore[arg-type]  # as given
    result = []
    for line in lines:
        name = line.row.name if line.row else f"{line.key} {line.children}"
        shut = "+" if line.children and not line.is_open else ""
        result.append("  " * line.depth + ("~" if line.context else "") + name + shut)
    return result


FAMILY = [
    process(1, "init", ppid=0),
    process(2, "shell"),
    process(3, "make", ppid=2),
    process(4, "cc", ppid=3),
    process(5, "sshd"),
]


def test_that_children_stand_below_their_parents_in_the_order_of_the_rows() -> None:
    assert text(FAMILY) == ["init", "  shell", "    make", "      cc", "  sshd"]
    assert text(FAMILY[::-1]) == ["init", "  sshd", "  shell", "    make", "      cc"]


def test_that_a_closed_line_hides_what_descends_from_it() -> None:
    assert text(FAMILY, closed={FAMILY[1].identity}) == ["init", "  shell+", "  sshd"]


def test_that_what_matches_is_shown_with_its_ancestors_even_below_a_closed_line() -> None:
    found = {FAMILY[3].identity}
    assert text(FAMILY, matching=found, closed={FAMILY[1].identity}) == ["~init", "  ~shell", "    ~make", "      cc"]
    assert text(FAMILY, matching=found, tree=False) == ["cc"]


def test_that_kernel_threads_stand_apart_behind_one_line() -> None:
    rows = [*FAMILY[:1], process(8, "kworker", is_kernel_thread=True), process(9, "ksoftirqd", is_kernel_thread=True)]
    assert text(rows, tree=False) == ["init", f"{KERNEL} 2+"]
    assert text(rows, tree=False, kernel_open=True) == ["init", f"{KERNEL} 2", "  kworker", "  ksoftirqd"]
    assert text(rows, matching={rows[2].identity}) == [f"{KERNEL} 1", "  ksoftirqd"]


def test_that_a_child_older_than_its_parent_is_nobodys() -> None:
    parent = process(7, "young", identity=Identity("b", 0, 7, 900), ppid=0)
    assert text([parent, process(8, "old", ppid=7)]) == ["young", "old"]


@given(lists(), st.booleans(), st.booleans())
def test_that_everybody_has_one_line(rows: list[ProcessRow], tree: bool, kernel_open: bool) -> None:
    lines = arrange(rows, None, tree=tree, closed=(), kernel_open=kernel_open)
    keys = [line.key for line in lines]
    assert len(keys) == len(set(keys))
    wanted = {row.identity for row in rows if kernel_open or not row.is_kernel_thread}
    assert {key for key in keys if key != KERNEL} == wanted


@given(lists())
def test_that_every_line_is_one_level_below_a_line_before_it(rows: list[ProcessRow]) -> None:
    depths = [line.depth for line in arrange(rows, None, tree=True, closed=(), kernel_open=True)]
    assert all(after <= before + 1 for before, after in zip([-1, *depths], depths, strict=False))


@given(lists(), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_that_a_filtered_tree_holds_all_that_matches_and_nothing_that_leads_nowhere(
    rows: list[ProcessRow], some: set[int], shut: set[int]
) -> None:
    found = {row.identity for at, row in enumerate(rows) if at in some}
    lines = arrange(rows, found, tree=True, closed={row.identity for at, row in enumerate(rows) if at in shut},
                    kernel_open=False)  # fmt: skip
    assert {line.key for line in lines if line.row is not None and not line.context} == found
    for at, line in enumerate(lines):
        if line.context:
            assert lines[at + 1].depth == line.depth + 1


@given(lists())
def test_that_nobody_is_his_own_ancestor(rows: list[ProcessRow]) -> None:
    parents = parents_of(rows)
    for at in range(len(rows)):
        seen = set()
        while at >= 0:
            assert at not in seen
            seen.add(at)
            at = parents[at]


@given(lists())
def test_that_the_sums_of_those_without_parents_are_the_sum_of_all(rows: list[ProcessRow]) -> None:
    sums = family_sums(rows)
    roots = [row for row, parent in zip(rows, parents_of(rows), strict=True) if parent < 0]
    assert sum(sums.get(row.identity, 0) for row in roots) == sum(row.private_swap or 0 for row in rows)
    assert all(sums[row.identity] >= row.private_swap for row in rows if row.private_swap is not None)


@given(lists(), st.booleans())
def test_that_unknown_values_come_last_whatever_the_order(rows: list[ProcessRow], large_first: bool) -> None:
    values = [row.private_swap for row in in_order(rows, lambda row: row.private_swap, large_first)]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=large_first) + [None] * (len(values) - len(known))


@given(lists(), lists(), st.booleans())
def test_that_no_line_moves_while_they_are_held(before: list[ProcessRow], after: list[ProcessRow], tree: bool) -> None:
    everybody = {row.identity: row for row in (*before, *after)}
    old = arrange(before, None, tree=tree, closed=(), kernel_open=True)
    new = arrange(list(everybody.values()), None, tree=tree, closed=(), kernel_open=True)
    keys = [line.key for line in held(old, new, everybody)]
    assert keys[: len(old)] == [line.key for line in old]
    assert set(keys) == {line.key for line in (*old, *new)}

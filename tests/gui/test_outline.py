"""The outline: which regions are new and gone since a picture was measured."""

from hypothesis import given
from hypothesis import strategies as st

from memviz.core.snapshot import Snapshot
from memviz.gui.session.outline import outline
from tests import builders

STARTS = st.lists(st.integers(0, 30), unique=True).map(sorted)


def snapshot_of(starts: list[int], length: int = 1) -> Snapshot:
    return builders.snapshot(*(f"{4 * at + 16:x}-{4 * at + 16 + length:x} rw-p" for at in starts))


@given(STARTS, STARTS)
def test_that_new_and_gone_are_the_differences_of_the_sets(before: list[int], after: list[int]) -> None:
    found = outline(snapshot_of(before), snapshot_of(after))
    first = [(4 * at + 16) * 4096 for at in sorted(set(after) - set(before))]
    assert found.new[:, 0].tolist() == first
    assert found.gone.tolist() == outline(snapshot_of(after), snapshot_of(before)).new.tolist()
    assert bool(found) == (before != after)


def test_that_a_region_that_grew_is_gone_as_it_was_and_new_as_it_is() -> None:
    found = outline(snapshot_of([1], 1), snapshot_of([1], 2))
    assert (found.new.tolist(), found.gone.tolist()) == ([[0x14000, 0x16000]], [[0x14000, 0x15000]])

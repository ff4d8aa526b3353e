"""Selections are addresses: what they mean is looked up in whatever snapshot is there."""

from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.session import selection as kinds
from memviz.gui.session.selection import History, Selection
from tests import builders

SNAPSHOT = builders.snapshot(
    "10-14 r-xp /lib/libone.so rss=8k", "14-16 rw-p /lib/libone.so rss=8k", "20-30 rw-p [heap] rss=16k",
    start_brk=0x20000,
)  # fmt: skip


def test_that_a_block_means_all_its_regions() -> None:
    assert kinds.rows_of(kinds.select_block(SNAPSHOT, 0), SNAPSHOT).tolist() == [0, 1]


def test_that_a_group_means_all_its_regions_wherever_they_lie() -> None:
    assert kinds.rows_of(kinds.select_group("heap"), SNAPSHOT).tolist() == [2]


def test_that_a_page_means_the_region_that_holds_it() -> None:
    page = kinds.select_page(SNAPSHOT, 0x21234)
    assert (page.start, page.end) == (0x21000, 0x22000)
    assert kinds.rows_of(page, SNAPSHOT).tolist() == [2]


def test_that_a_range_means_every_region_that_it_touches() -> None:
    assert kinds.rows_of(kinds.select_range(0x20001, 0x15FFF), SNAPSHOT).tolist() == [1, 2]
    assert kinds.rows_of(kinds.select_range(0x16000, 0x20000), SNAPSHOT).tolist() == []


def test_that_nothing_means_no_region() -> None:
    assert not Selection()
    assert kinds.rows_of(Selection(), SNAPSHOT).tolist() == []


def test_that_what_is_gone_means_no_region() -> None:
    smaller = builders.snapshot("10-14 r-xp /lib/libone.so rss=8k")
    assert kinds.rows_of(kinds.select_region(SNAPSHOT, 2), smaller).tolist() == []
    assert kinds.block_of(kinds.select_region(SNAPSHOT, 2), smaller) is None


@given(st.lists(st.integers(1, 9), min_size=1), st.integers(0, 30))
def test_that_forward_undoes_back(visits: list[int], steps: int) -> None:
    history, here = History(), Selection()
    for number in visits:
        there = kinds.select_range(number, number + 1)
        history.left(here)
        here = there
    end = here
    walked = 0
    for _ in range(steps):
        before = history.step(here, forward=False)
        if before is None:
            break
        here, walked = before, walked + 1
    for _ in range(walked):
        after = history.step(here, forward=True)
        assert after is not None
        here = after
    assert here == end

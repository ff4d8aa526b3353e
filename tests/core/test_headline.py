"""The one sentence about a process."""

from memviz.core.headline import headline
from tests import builders


def test_that_the_largest_block_is_named_with_its_share() -> None:
    snapshot = builders.snapshot("10-110 rw-p rss=1m", "7f000-7f040 r-xp /lib/libc.so.6 rss=256k")
    assert headline(snapshot) == "program keeps 1.2 MiB in memory; 80 % of it is anonymous."


def test_that_one_of_several_blocks_without_a_better_name_is_not_taken_for_all_of_them() -> None:
    snapshot = builders.snapshot(
        "10-110 rw-p rss=1m", "7f000-7f040 r-xp /lib/libc.so.6 rss=256k", "7ff000-7ff100 rw-p rss=512k"
    )
    assert len(snapshot.blocks) == 3
    assert headline(snapshot) == "program keeps 1.8 MiB in memory; 57 % of it is one anonymous block."

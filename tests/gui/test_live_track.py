"""Series, events and tracks: what is known of a process over time, and what is not."""

import csv
import io
import math

import numpy as np
import pytest

from memviz.core.snapshot import Snapshot
from memviz.gui.live import series
from memviz.gui.live.charts import CHARTS, Chart
from memviz.gui.live.copying import as_csv, as_text, pieces_of
from memviz.gui.live.events import APPEARED, EXECED, SWAPPED, WENT, between_snapshots
from memviz.gui.live.series import BY_NAME, MEASURED, SERIES, SNAPSHOT, Series, written
from memviz.gui.live.shapes import picture, stepped
from memviz.gui.live.track import HOLE, Track, measure
from memviz.gui.live.window import Window
from tests import builders
from tests.gui.fake_source import MIB, sample

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k pss=4k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
BIG = "100000-109600 rw-p rss=8m"  # 150 MiB
REFUSED = builders.snapshot(errno=13)


def grown(*lines: str, time: float = 1.0, start_code: int = 0) -> Snapshot:
    return builders.snapshot(
        "10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", *lines, time=time, start_code=start_code
    )


def chart(name: str) -> Chart:
    return next(each for each in CHARTS if each.name == name)


def track_of(*rss: int, every: float = 1.0) -> Track:
    track = Track(7, "program", capacity=1000)
    for number, each in enumerate(rss):
        track.add_sample(sample(time=100 + number * every, rss=each, minor_faults=10 * number))
    return track


# -- declarations -----------------------------------------------------------------------------------------------------


def test_that_every_series_stands_in_a_chart_of_its_unit() -> None:
    assert len(BY_NAME) == len(SERIES)
    assert {name for each in CHARTS for name in each.names} == set(BY_NAME)
    for each in CHARTS:
        assert {member.unit for member in each.series} == {each.unit}
        assert len({member.origin for member in each.series}) == 1 or not each.stacked


@pytest.mark.parametrize("each", SERIES, ids=lambda each: each.name)
def test_that_every_series_has_a_value_of_a_full_sample_and_snapshot(each: Series) -> None:
    known = {"rss_anonymous": MIB, "rss_file": MIB, "rss_shmem": MIB, "swap": MIB}
    before, after = sample(time=1.0, **known), sample(time=3.0, **known)
    given = {series.SAMPLE: (after,), series.PAIR: (before, after), SNAPSHOT: (SMALL,)}[each.origin]
    assert each.value(*given) is not None
    assert written(each.unit, each.value(*given)) != "–"


def test_that_rates_are_the_difference_by_the_time_between() -> None:
    before, after = sample(time=1.0, minor_faults=10, cpu_seconds=1.0), sample(time=3.0, minor_faults=30, cpu_seconds=2)
    values = dict(zip([each.name for each in series.SAMPLED], series.of_sample(before, after), strict=True))
    assert values["minor_faults"] == 10
    assert values["cpu"] == 50
    assert math.isnan(series.of_sample(None, after)[[each.name for each in series.SAMPLED].index("cpu")])


def test_that_what_a_snapshot_lacks_is_no_value_with_the_reason_and_never_zero() -> None:
    assert all(math.isnan(value) for value in series.of_snapshot(REFUSED))
    reasons = dict(series.reasons(REFUSED))
    assert set(reasons) == {each.name for each in MEASURED}
    assert all("denied" in why for why in reasons.values())
    assert not dict(series.reasons(SMALL))


# -- events -----------------------------------------------------------------------------------------------------------


def test_that_a_region_of_100_mb_that_appears_or_goes_is_an_event_with_its_addresses() -> None:
    (event,) = between_snapshots(SMALL, grown(BIG))
    assert event.kind is APPEARED
    assert (event.start, event.end) == (0x100000000, 0x109600000)
    assert "150 MiB" in event.text
    (event,) = between_snapshots(grown(BIG), SMALL)
    assert event.kind is WENT
    assert not between_snapshots(grown(BIG), grown(BIG))


def test_that_a_region_that_was_split_or_joined_is_no_event() -> None:
    parts = "100000-105000 rw-p rss=4m", "105000-109600 r--p rss=4m"
    assert not between_snapshots(grown(BIG), grown(*parts))
    assert not between_snapshots(grown(*parts), grown(BIG))


def test_that_what_joins_an_old_region_counts_by_what_is_new() -> None:
    (event,) = between_snapshots(grown(BIG), grown("100000-112c00 rw-p rss=8m"))
    assert event.short == "150 MiB"
    assert not between_snapshots(grown(BIG), grown("100000-10a000 rw-p rss=8m"))


def test_that_many_regions_at_once_are_one_event() -> None:
    many = [f"{n}00000-{n}09600 rw-p rss=4k" for n in range(1, 7)]
    (event,) = between_snapshots(SMALL, grown(*many))
    assert "6 regions" in event.text


def test_that_a_program_that_took_anothers_place_is_an_event() -> None:
    kinds = [event.kind for event in between_snapshots(grown(start_code=0x10000), grown(start_code=0x50000))]
    assert kinds == [EXECED]
    assert not between_snapshots(grown(start_code=0x10000), grown(start_code=1))  # 1 where it may not be read


def test_that_swap_that_begins_is_an_event_once() -> None:
    track = Track(7)
    for time, swap in enumerate((0, 0, MIB, 2 * MIB)):
        track.add_sample(sample(time=float(time), swap=swap))
    assert [event.kind for event in track.events] == [SWAPPED]


# -- tracks -----------------------------------------------------------------------------------------------------------


def test_that_a_time_without_samples_is_a_gap() -> None:
    track = track_of(MIB, 2 * MIB)
    track.add_sample(sample(time=101 + HOLE + 1, rss=3 * MIB))
    x, y, steps = track.line("rss", 0, 1000, 100)
    assert np.isnan(y).sum() == 1
    assert not steps
    assert x.tolist() == [100, 101, 101, 101 + HOLE + 1]


def test_that_silence_says_why_until_it_answers_again() -> None:
    track = track_of(MIB, MIB)
    track.break_line(102, "it does not answer")
    assert track.why("rss") == track.silence_at(103) == "it does not answer"
    assert track.silence_at(50)
    assert not track.silence_at(100.5)
    assert math.isnan(track.value_at("rss", 103))
    track.add_sample(sample(time=104, rss=MIB))
    assert track.why("cpu") == series.FIRST_PAIR
    assert track.value_at("rss", 104) == MIB


def test_that_a_value_is_of_the_last_time_that_is_not_later() -> None:
    track = track_of(MIB, 2 * MIB, 3 * MIB)
    assert track.value_at("rss", 101.5) == 2 * MIB
    assert math.isnan(track.value_at("rss", 99))


def test_that_a_snapshot_of_regions_alone_adds_no_values() -> None:
    track = Track(7)
    track.add_snapshot(measure(None, builders.snapshot("20-30 rw-p [heap]", measured=False)))
    assert not len(track.snapshots)
    assert track.why("pss") == series.NO_SNAPSHOT
    track.add_snapshot(measure(None, REFUSED))
    assert "denied" in track.why("pss")


def test_that_snapshots_are_drawn_as_steps_that_last_until_now() -> None:
    x, y = stepped(np.array([1.0, 3.0]), np.array([5.0, 7.0]), 9.0)
    assert x.tolist() == [1, 3, 3, 9]
    assert y.tolist() == [5, 5, 7, 7]
    assert not len(stepped(np.array([]), np.array([]), 9.0)[0])


def test_that_a_stack_piles_up_to_the_sum_and_leaves_out_what_is_not_known() -> None:
    track = Track(7)
    for time in (1.0, 2.0):
        track.add_sample(sample(time=time, rss=9 * MIB, rss_anonymous=5 * MIB, rss_file=4 * MIB, rss_shmem=None))
    shown = picture(chart("kinds"), track, [], 0, 2, 100)
    assert [curve.series.name for curve in shown.curves] == ["rss_anonymous", "rss_file"]
    assert shown.curves[-1].y.tolist() == [9 * MIB, 9 * MIB]
    assert shown.curves[-1].base is not None
    assert shown.curves[-1].base.tolist() == [5 * MIB, 5 * MIB]
    assert [each.name for each, why in shown.missing if why == series.NO_STATUS] == ["rss_shmem"]


def test_that_pinned_processes_stand_in_the_same_picture_with_their_names() -> None:
    other = Track(8, "java · kafka.Kafka")
    other.pin = 2
    for time in (100.0, 101.0):
        other.add_sample(sample(8, time=time, rss=30 * MIB))
    shown = picture(chart("memory"), track_of(MIB, MIB), [other], 90, 101, 100)
    labels = {curve.label for curve in shown.curves if curve.pin == 2}
    assert labels == {"kafka.Kafka", "kafka.Kafka RSS"}
    assert shown.highest == 30 * MIB


def test_that_a_picture_has_at_most_two_points_a_pixel() -> None:
    track = Track(7)
    for number in range(5000):
        track.add_sample(sample(time=float(number), rss=number % 97 * MIB))
    shown = picture(chart("memory"), track, [], 0, 5000, 100)
    assert max(len(curve.x) for curve in shown.curves) <= 200
    assert shown.highest == 96 * MIB


# -- copying ----------------------------------------------------------------------------------------------------------


def test_that_a_copied_table_has_every_row_in_sight_and_leaves_the_unknown_empty() -> None:
    track = track_of(MIB, 2 * MIB, 3 * MIB)
    track.add_snapshot(measure(None, grown(time=101.5)))
    rows = list(csv.DictReader(io.StringIO(as_csv(pieces_of([track], 100.5, 110)))))
    assert [row["time"][17:23] for row in rows] == ["41.000", "41.500", "42.000"]
    assert [row["rss"] for row in rows] == [str(2 * MIB), "", str(3 * MIB)]
    assert [row["uss"] for row in rows] == ["", "24576", ""]
    assert all(row["pid"] == "7" and row["process"] == "program" for row in rows)


def test_that_a_copied_moment_tells_units_and_exact_bytes_and_nothing_unknown() -> None:
    text = as_text(track_of(MIB, 2 * MIB), 101.0)
    assert text.startswith("program 7 at ")
    assert "RSS: 2.0 MiB (2,097,152 bytes)" in text
    assert "PSS" not in text


# -- windows ----------------------------------------------------------------------------------------------------------


def test_that_a_live_window_ends_with_the_newest_value() -> None:
    assert Window(60).span(0, 1000) == (940, 1000)
    assert Window(None).span(100, 1000) == (100, 1000)
    assert Window(60).held(1000).span(0, 2000) == (940, 1000)
    assert Window(60).held(1000).live().span(0, 2000) == (1940, 2000)


def test_that_looking_back_holds_the_window_and_looking_past_the_end_is_live() -> None:
    held = Window(60).looked(900, 960, 0, 1000)
    assert held == Window(60, 960)
    assert not held.is_live
    assert held.looked(950, 1010, 0, 1000).is_live
    assert Window(60).looked(-500, -440, 0, 1000) == Window(60, 60)

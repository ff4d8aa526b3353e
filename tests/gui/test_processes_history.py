"""What the list remembers: the last minute of each process, who is new, who has gone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.facts import Identity
from memviz.gui.processes.census import FRESH, KEPT, Census
from memviz.gui.processes.history import SECONDS, Minute
from tests.gui.fake_source import process

A, B = Identity("b", 0, 1, 1), Identity("b", 0, 2, 1)
ROWS = [process(1), process(2)]


def minute(*readings: tuple[float, int | None]) -> Minute:
    made = Minute()
    for now, value in readings:
        made.add({A: value}, now)
    return made


def test_that_a_second_keeps_its_least_and_its_most() -> None:
    made = minute((100.0, 5))
    made.add_one(A, 9, 100.4)
    made.add_one(A, 7, 100.9)
    found = made.of(A)
    assert found is not None
    assert (found[0][-1], found[1][-1]) == (5, 9)


def test_that_what_is_older_than_a_minute_is_forgotten() -> None:
    found = minute((100.0, 5), (100.0 + SECONDS, 6)).of(A)
    assert found is not None
    assert np.isnan(found[1][:-1]).all()
    assert found[1][-1] == 6


def test_that_an_unknown_value_leaves_a_hole_and_no_zero() -> None:
    found = minute((100.0, 5), (101.0, None), (102.0, 6)).of(A)
    assert found is not None
    assert np.isnan(found[1][-2])


def test_that_who_differs_within_the_minute_moves() -> None:
    assert minute((100.0, 5), (101.0, 5)).moving() == set()
    assert minute((100.0, 5), (101.0, 6)).moving() == {A}
    assert minute((100.0, 5), (101.0, 6), (162.0, 6)).moving() == set()
    assert minute((100.0, None)).moving() == set()


def test_that_growth_is_told_from_two_values_on() -> None:
    assert minute((100.0, 5)).growth(A) is None
    assert minute((100.0, 5), (101.0, 3)).growth(A) == -2
    assert minute().growth(B) is None


def test_that_who_is_not_in_the_list_is_forgotten_and_his_place_given_away_clean() -> None:
    made = minute((100.0, 5))
    made.add({B: 7}, 101.0)
    assert made.of(A) is None
    found = made.of(B)
    assert found is not None
    assert np.isnan(found[1][:-1]).all()
    assert len(made) == 1


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1000)), min_size=1, max_size=150))
def test_that_the_last_minute_is_what_was_added_in_it(steps: list[tuple[int, int]]) -> None:
    made, now, log = Minute(), 1000, []
    for step, value in steps:
        now += step
        made.add({A: value, B: None}, float(now))
        log.append((now, value))
    found = made.of(A)
    assert found is not None
    for back in range(SECONDS):
        values = [value for at, value in log if at == now - back]
        low, high = found[0][-1 - back], found[1][-1 - back]
        assert (low, high) == (min(values), max(values)) if values else np.isnan(low) and np.isnan(high)


def test_that_nobody_is_new_in_the_first_list_and_after_a_pause() -> None:
    census = Census()
    census.update(ROWS[:1], 0.0)
    assert not census.fresh
    census.pause()
    census.update(ROWS, 9.0)
    assert not census.fresh
    assert not census.gone


def test_that_newcomers_are_fresh_for_a_while() -> None:
    census = Census()
    census.update(ROWS[:1], 0.0)
    census.update(ROWS, 1.0)
    assert set(census.fresh) == {ROWS[1].identity}
    census.forget(1.0 + FRESH)
    assert not census.fresh


def test_that_who_has_gone_is_shown_for_a_while_and_kept_while_it_is_open() -> None:
    census = Census()
    census.update(ROWS, 0.0)
    census.update(ROWS[:1], 1.0)
    census.forget(1.0 + KEPT - 0.1)
    assert census.people() == ROWS
    census.forget(2.0 + KEPT, {ROWS[1].identity})
    assert census.people() == ROWS
    census.forget(2.0 + KEPT)
    assert census.people() == ROWS[:1]


def test_that_a_number_that_is_used_again_is_another_process() -> None:
    again = process(2, "other", identity=Identity("b", 0, 2, 900))
    census = Census()
    census.update(ROWS, 0.0)
    census.update([ROWS[0], again], 1.0)
    assert set(census.gone) == {ROWS[1].identity}
    assert set(census.fresh) == {again.identity}
    assert len(census.people()) == 3


def test_that_one_whom_a_list_had_missed_is_neither_new_nor_gone() -> None:
    census = Census()
    for rows in (ROWS, ROWS[:1], ROWS):
        census.update(rows, 0.0)
    assert not census.fresh
    assert not census.gone

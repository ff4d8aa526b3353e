"""Order, number and form of what is printed: options and help agree, and no option is silently unheeded."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.cli.choose import SMALL_FIRST, in_order, joined
from memviz.core.columns import BLOCK_COLUMNS, PROCESS_COLUMNS, REGION_COLUMNS, THREAD_COLUMNS, Column
from memviz.errors import UsageError
from tests.cli.conftest import Run

COLUMNS = {column.name: column for column in (*REGION_COLUMNS, *BLOCK_COLUMNS, *PROCESS_COLUMNS, *THREAD_COLUMNS)}


def column(run: Run, name: str, *words: object) -> list[str]:
    status, out, err = run(*words, "--csv", "--columns", name)
    assert status == 0, err
    return [row[name] for row in csv.DictReader(io.StringIO(out))]


# -- order ------------------------------------------------------------------------------------------------------------


@pytest.mark.live
@pytest.mark.parametrize("word", [["--sort", "-rss"], ["--sort=-rss"]])
def test_that_a_column_with_a_minus_is_sorted_the_other_way_as_the_help_says(
    run: Run, sleeper: int, word: list[str]
) -> None:
    numbers = [int(text) for text in column(run, "rss", "regions", sleeper, *word)]
    assert numbers == sorted(numbers)
    assert "-COLUMN the other way" in " ".join(run("regions", "--help")[1].split())
    numbers = [int(text) for text in column(run, "rss", "ps", *word) if text]  # a zombie of somebody has none
    assert numbers == sorted(numbers)


@pytest.mark.live
def test_that_addresses_and_process_numbers_are_turned_round_too(run: Run, sleeper: int) -> None:
    starts = [int(text) for text in column(run, "start", "regions", sleeper)]
    assert starts == sorted(starts)
    assert [int(text) for text in column(run, "start", "regions", sleeper, "--sort", "-start")] == starts[::-1]
    blocks = [int(text) for text in column(run, "start", "regions", sleeper, "--blocks", "--sort", "-start")]
    assert blocks == sorted(blocks, reverse=True)
    pids = [int(text) for text in column(run, "pid", "ps", "--sort", "-pid")]
    assert pids == sorted(pids, reverse=True)


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 9)))


@given(st.sampled_from(sorted(COLUMNS)), VALUES)
def test_that_the_other_way_is_the_reverse_and_what_is_unknown_stays_last(name: str, numbers: list[int | None]) -> None:
    known: list[Column] = list(COLUMNS.values())
    values: list[Any] = [number if number is None or COLUMNS[name].numeric else f"text {number}" for number in numbers]
    there = in_order(known, name, lambda _: values)
    back = in_order(known, f"-{name}", lambda _: values)
    assert sorted(there) == sorted(back) == list(range(len(values)))
    found = [values[at] for at in there if values[at] is not None]
    assert found == sorted(found, reverse=COLUMNS[name].numeric and name not in SMALL_FIRST)
    assert [values[at] for at in back if values[at] is not None] == found[::-1]
    unknown = values.count(None)
    for order in (there, back):
        assert all(values[at] is None for at in order[len(order) - unknown :])


@pytest.mark.parametrize("name", ["", "-", "nonsense", "rss,pss", "all", "--rss"])
def test_that_what_is_no_column_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown column"):
        in_order(REGION_COLUMNS, name, lambda _: [])


def test_that_only_the_value_of_sort_may_begin_with_a_minus() -> None:
    assert joined(["1", "--sort", "-rss", "--limit", "3"]) == ["1", "--sort=-rss", "--limit", "3"]
    assert joined(["--sort", "--json"]) == ["--sort", "--json"]
    assert joined(["--sort"]) == ["--sort"]
    assert joined(["--path", "-x", "--sort", "rss", "-h"]) == ["--path", "-x", "--sort", "rss", "-h"]


# -- number -----------------------------------------------------------------------------------------------------------


@pytest.mark.live
@pytest.mark.parametrize("words", [["ps"], ["regions", "1"], ["regions", "1", "--blocks"]])
@pytest.mark.parametrize("limit", ["-1", "1.5", "many", "²", ""])
def test_that_a_limit_below_zero_or_that_is_no_number_is_refused(run: Run, words: list[str], limit: str) -> None:
    status, out, err = run(*words, f"--limit={limit}")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "no number of rows" in err
    assert run(*words, "--limit", "-1")[0] == 2


@pytest.mark.live
def test_that_a_limit_of_nothing_shows_nothing_and_still_sums_everything(run: Run, sleeper: int) -> None:
    assert column(run, "rss", "regions", sleeper, "--limit", "0") == []
    _, out, _ = run("regions", sleeper, "--limit", "0")
    assert re.search(r"\d+ regions, 0 shown", out)


# -- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.live
@pytest.mark.parametrize("name", ["regions", "summary"])
@pytest.mark.parametrize("form", ["--json", "--plain"])
def test_that_the_report_is_one_form_among_the_others(run: Run, name: str, form: str) -> None:
    status, out, err = run(name, "1", "--report", form)
    assert (status, out) == (2, "")
    assert "not allowed with" in err


@pytest.mark.live
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["regions", "1", "--group", "heap"], "--group"),
        (["regions", "1", "--min", "1M", "--path", "libc"], "--min, --path"),
        (["regions", "1", "--perm", "x"], "--perm"),
        (["regions", "1", "--blocks"], "--blocks"),
        (["regions", "1", "--sort", "start"], "--sort"),
        (["regions", "1", "--limit", "0"], "--limit"),
        (["regions", "1", "--columns", "rss"], "--columns"),
        (["summary", "1", "--tree"], "--tree"),
        (["summary", "1", "--all"], "--all"),
        (["summary", "--cgroup", "/"], "--cgroup"),
    ],
)
def test_that_a_report_refuses_what_it_cannot_heed(run: Run, words: list[str], named: str) -> None:
    status, out, err = run(*words, "--report")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.rstrip().endswith(f"it cannot heed {named}")


@pytest.mark.live
def test_that_a_report_needs_no_residency(run: Run, sleeper: int) -> None:
    status, out, _ = run("regions", sleeper, "--report", "--fast")
    assert (status, out.startswith("Memory Regions Analysis")) == (0, True)


@pytest.mark.live
def test_that_a_control_group_and_a_process_are_not_asked_for_at_once(run: Run) -> None:
    for words in (["1"], ["--biggest"]):
        assert run("summary", "--cgroup", "/", *words)[0] == 2

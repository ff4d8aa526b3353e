"""Which process is meant: numbers, names, and never ourselves."""

from __future__ import annotations

import argparse
import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from memviz.cli.target import candidates, find_pid
from memviz.core.facts import Identity
from memviz.core.source import ProcessRow
from memviz.errors import ProcessGone
from memviz.text import shown
from memviz.units import is_pid
from tests.cli.conftest import Run

ME, READER, WORKER, OTHER = os.getpid(), 4_000_001, 4_000_002, 4_000_003


def process(pid: int, ppid: int = 1, command: str = "sleep 60", rss: int = 1 << 20) -> ProcessRow:
    return ProcessRow(
        Identity("b", 0, pid, 5), ppid, "sleep", command, "S", "user", 1, rss, rss, 0, rss, 0.1, is_kernel_thread=False
    )


def host(*rows: ProcessRow) -> Any:
    return SimpleNamespace(processes=lambda: list(rows), link=SimpleNamespace(pid=READER))


def asked(word: str | None = None, via: str = "", proc_root: str = "") -> argparse.Namespace:
    return argparse.Namespace(target=word, biggest=True, via=via, proc_root=proc_root)


def test_that_here_this_command_its_reader_and_the_workers_are_left_out() -> None:
    rows = process(ME), process(READER, ME), process(WORKER, READER), process(OTHER, ME)
    assert [row.pid for row in candidates(host(*rows), asked())] == [OTHER]


@pytest.mark.parametrize("how", [{"via": "ssh elsewhere"}, {"proc_root": "a/capture"}])
def test_that_elsewhere_a_process_with_one_of_our_numbers_is_somebody(how: dict[str, str]) -> None:
    rows = process(ME), process(READER), process(WORKER, READER)
    assert {row.pid for row in candidates(host(*rows), asked(**how))} == {ME, READER, WORKER}


def test_that_behind_a_prefix_on_this_machine_we_are_left_out_too() -> None:
    mine = process(ME, command=" ".join(map(shown, sys.orig_argv)))
    rows = mine, process(READER, ME), process(WORKER, READER), process(4_000_009, WORKER), process(OTHER)
    assert [row.pid for row in candidates(host(*rows), asked(via="sudo"))] == [OTHER]


def test_that_the_heaviest_comes_first() -> None:
    rows = process(OTHER), process(4_000_009, rss=5 << 20)
    assert find_pid(host(*rows), asked("sleep")) == 4_000_009


def test_that_a_process_weighs_what_it_costs_by_itself_and_its_rss_only_where_that_is_not_known() -> None:
    row = process(OTHER, rss=5 << 20)
    assert row._replace(private_swap=3).weight == 3
    assert row._replace(private_swap=0).weight == 0
    assert row._replace(private_swap=None).weight == 5 << 20
    assert row._replace(private_swap=None, rss=None).weight == 0


@pytest.mark.parametrize("word", ["²", "٣", "1²", "9" * 5000, "-5", "1.0", ""])
def test_that_only_digits_are_a_process_number(word: str) -> None:
    assert not is_pid(word)
    with pytest.raises(ProcessGone, match="no process"):
        find_pid(host(process(OTHER)), asked(word or "nobody"))


@pytest.mark.live
@pytest.mark.parametrize("words", [["summary", "²"], ["summary", "9" * 5000], ["regions", "٣"], ["cpu", "9" * 30]])
def test_that_an_odd_number_is_one_line(run: Run, words: list[str]) -> None:
    status, out, err = run(*words)
    assert (status, out, err.count("\n")) == (3, "", 1)


@pytest.mark.live
@pytest.mark.parametrize("address", ["-1", "1ffffffffffffffff", "f" * 6000, "²"])
def test_that_an_odd_address_is_one_line(run: Run, sleeper: int, address: str) -> None:
    status, out, err = run("explain", sleeper, address)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "no address" in err

"""The filter above the list of processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.processes.query import matching
from tests.gui.fake_source import MIB, process

ROWS = [
    process(7, "nginx", user="www-data", command="nginx: worker process", private_swap=20 * MIB),
    process(42, "python · server.py", user="root", command="python server.py --port 8042", private_swap=200 * MIB),
    process(43, "bash", user="root", state="T", private_swap=None, command=None),
]


@pytest.mark.parametrize(
    ("text", "pids"),
    [
        ("", [7, 42, 43]), ("PYTHON", [42]), ("worker", [7]), ("root server", [42]), ("-root", [7]), ("43", [43]),
        ("user:root", [42, 43]), ("pid:42", [42]), ("pid:4", []), ("state:t", [43]), ("name:python", [42]),
        (">100M", [42]), ("<100M", [7]), ("-<100M", [42]), ("root >1k", [42]),
        (">200M", []), (">=200M", [42]), ("<=20M", [7]), ("=20M", [7]), ("<20M", []),
        ("> -user: user: -", [7, 42, 43]), (">x", []),
    ],
)  # fmt: skip
def test_that_every_word_must_fit(text: str, pids: list[int]) -> None:
    assert [row.pid for row in matching(ROWS, text)] == pids


@given(st.text(max_size=20))
def test_that_whatever_is_typed_is_looked_for(text: str) -> None:
    assert set(matching(ROWS, text)) <= set(ROWS)

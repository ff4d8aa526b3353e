"""The filter language: any text means something or is refused with a word; terms obey the laws of logic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.categories import GROUPS
from memviz.core.columns import REGION_COLUMNS
from memviz.core.query import TERMS, Query, parse, quoted
from memviz.core.regions import SUMS
from memviz.core.snapshot import Snapshot
from memviz.core.terms import is_told
from memviz.errors import UsageError
from tests import builders
from tests.made_snapshots import snapshots

PROGRAM = builders.snapshot(
    "10-14 r-xp /bin/program rss=8k",
    "14-18 rw-p /bin/program rss=16k flags=rd,wr,ac",
    "20-120 rw-p [heap] rss=100k swap=8k",
    "200-208 r-xp /usr/lib/libc.so.6 rss=32k",
    "208-20a rwxp rss=4k",
    "210-214 r--s /data/my\\ file rss=4k",
    "220-221 ---p",
    start_brk=0x20000,
)
CASES = {
    "": "0123456", "perm:wx": "4", "perm:rw-p": "12", "perm:s": "5", "perm:p": "012346", "perm:---": "6",
    "size:>100K": "2", ">100K": "2", "size:=8K": "4", "size:8192": "4", "<=8k": "46", "rss:>=16K": "123",
    "swap:>0": "2", "uss:<8K": "456", "private_swap:>100K": "2", "path:libc": "3", "path:LIBC": "3", "libc": "3",
    "heap": "2", 'path:"my file"': "5", '"my file"': "5", "group:heap": "2", "group:heap,file": "25",
    "category:brk": "2", "block:program": "01", "flag:ac": "1", "flag:ac,zz": "1", "0x10000": "0", "0x1_0fff": "0",
    "0x19000": "", "0x14000-0x21000": "12", "00010000-00014000": "0", "-perm:w": "0356", "not:perm:w": "0356",
    "not:-perm:w": "124", "-libc,heap": "01456", "perm:r -perm:w -perm:x": "5", "start:>=0x210000": "56",
    "name:heap": "2", "-0x10000": "123456", "*": "", ".": "3", "[heap]": "2", "%": "", "(": "2", "\\": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "rows"), CASES.items(), ids=CASES)
def test_that_a_term_chooses_regions(text: str, rows: str) -> None:
    assert "".join(map(str, np.flatnonzero(parse(text).regions(PROGRAM)))) == rows


WRONG = ("perm:q", "size:>x", "size:", "grup:heap", "group:nothing", "-", "not:", '""', "rss:>-1", "0x_-_", "x:",
         "size:>1e99", "0x1ffffffffffffffff", "perm:rw,zz", "size:>nan", "foo:bar", 'path:""', "group:,")  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_that_what_cannot_be_meant_is_refused_in_words_that_quote_it(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse(text)
    assert str(refusal.value).startswith(f"{text}: ")


def test_that_a_misspelt_column_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean private_dirty"):
        parse("private_drity:>1M")


def test_that_a_field_that_only_this_kernel_knows_can_be_asked_for() -> None:
    with pytest.raises(UsageError):
        parse("nobody_knows:>0")
    query = parse("nobody_knows:>0", ["nobody_knows"])
    assert not query.regions(PROGRAM).any()
    assert query.unknown(PROGRAM) == ("nobody_knows",)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.example)
def test_that_every_example_of_the_help_can_be_typed(term) -> None:  # noqa: ANN001  # a record of the help
    query = parse(term.example)
    assert query
    assert len(query.regions(PROGRAM)) == len(PROGRAM.regions)
    assert Query.help is TERMS


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_that_every_group_is_chosen_by_name(group) -> None:  # noqa: ANN001  # a record
    names = np.array([category.group for category in PROGRAM.categories])[PROGRAM.regions["category"]]
    assert (parse(f"group:{group.name}").regions(PROGRAM) == (names == group.name)).all()


NUMBERS = [column.name for column in REGION_COLUMNS if column.numeric]


@pytest.mark.parametrize("name", NUMBERS)
def test_that_every_column_of_numbers_can_be_compared(name: str) -> None:
    if is_told(PROGRAM, name):
        values = PROGRAM.regions[name]
        middle = int(np.median(values))
        assert (parse(f"{name}:>{middle}").regions(PROGRAM) == (values > middle)).all()
        assert (parse(f"{name}:={middle}").regions(PROGRAM) == (values == middle)).all()
    else:
        assert parse(f"{name}:>0").unknown(PROGRAM) == (name,)


def test_that_sizes_are_those_of_the_block_and_small_pieces_of_a_large_block_show() -> None:
    query = parse(">20K")
    names = [PROGRAM.blocks.name(int(index)) for index in np.flatnonzero(query.blocks(PROGRAM))]
    assert "program" in names  # 16 KiB and 16 KiB
    assert not query.regions(PROGRAM)[0]
    assert query.unfolded(PROGRAM)[:2].all()


def test_that_a_block_fits_when_one_region_fits_all_other_terms_at_once() -> None:
    assert parse("path:/bin/program perm:w").blocks(PROGRAM).sum() == 1
    assert not parse("path:libc perm:w").blocks(PROGRAM).any()
    assert parse("path:program perm:w").unfolded(PROGRAM).tolist()[:3] == [False, True, False]


def test_that_what_is_not_known_fits_neither_a_term_nor_its_contrary() -> None:
    snapshot = builders.snapshot("10-14 r-xp /bin/program", measured=False)
    for text in ("rss:>0", "-rss:>0", "flag:rd", "-flag:rd"):
        assert not parse(text).regions(snapshot).any()
        assert not parse(text).blocks(snapshot).any()
        assert parse(text).unknown(snapshot)


WORDS = st.sampled_from(
    [
        *CASES,
        *WRONG,
        "group:s",
        "block:",
        "-",
        '"',
        "not:",
        "size:>1K",
        "perm:",
        "0x",
        ",",
        "path:a,b",
        "\x00",
        "é",
        "ß",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30), st.lists(WORDS, max_size=6).map(" ".join), st.lists(WORDS, max_size=4).map("".join)
)


@given(TEXTS, snapshots())
def test_that_any_text_chooses_or_is_refused(text: str, snapshot: Snapshot) -> None:
    try:
        query = parse(text)
    except UsageError:
        return
    regions, blocks = query.regions(snapshot), query.blocks(snapshot)
    assert regions.shape == (len(snapshot.regions),)
    assert blocks.shape == (len(snapshot.blocks),)
    assert regions.dtype == blocks.dtype == np.bool_


GOOD = st.sampled_from([text for text in CASES if text])
KNOWN = st.sampled_from([text for text in CASES if text and " " not in text])


@given(st.lists(GOOD, max_size=3), st.lists(GOOD, max_size=3), snapshots())
def test_that_terms_together_choose_what_each_chooses(first: list[str], second: list[str], snapshot: Snapshot) -> None:
    one, other = (parse(" ".join(words)).regions(snapshot) for words in (first, second))
    assert (parse(" ".join([*first, *second])).regions(snapshot) == (one & other)).all()


@given(KNOWN, snapshots(measured=True))
def test_that_a_term_and_its_contrary_part_everything(text: str, snapshot: Snapshot) -> None:
    chosen = parse(text).regions(snapshot)
    assert (parse(f"not:{text}").regions(snapshot) == ~chosen).all()
    assert (parse(f"-not:{text}").regions(snapshot) == chosen).all()


@given(st.lists(GOOD, max_size=3), snapshots())
def test_that_blocks_fit_exactly_when_something_shows_under_them(words: list[str], snapshot: Snapshot) -> None:
    query = parse(" ".join(words))
    blocks, unfolded = query.blocks(snapshot), query.unfolded(snapshot)
    assert (np.isin(np.arange(len(blocks)), snapshot.regions["block"][unfolded]) == blocks).all()
    if not any(name in text for text in words for name in (*SUMS, "private_swap", ">", "<")):
        assert (unfolded == query.regions(snapshot)).all()


@given(snapshots(), st.integers(-1, 1 << 64))
def test_that_an_address_chooses_the_region_that_holds_it(snapshot: Snapshot, address: int) -> None:
    for edge in {address, *snapshot.regions["start"].tolist(), *snapshot.regions["end"].tolist()} - {-1, 1 << 64}:
        rows = np.flatnonzero(parse(f"{edge:#_x}").regions(snapshot)).tolist()
        found = snapshot.regions.find(edge)
        assert rows == ([] if found is None else [found])


@given(snapshots(), st.data())
def test_that_a_quoted_piece_of_a_path_finds_it(snapshot: Snapshot, data: st.DataObject) -> None:
    paths = [region.path for region in snapshot.regions]
    path = data.draw(st.sampled_from(paths or [""])).partition('"')[0]
    piece = path[data.draw(st.integers(0, len(path))) :]
    if piece:
        expected = [piece.lower() in other.lower() for other in paths]
        assert parse(f"path:{quoted(piece)}").regions(snapshot).tolist() == expected

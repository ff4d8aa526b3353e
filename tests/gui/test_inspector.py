"""The inspector: one sentence, all facts with where they are known from, and what the kind means."""

from __future__ import annotations

import errno

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from memviz.core.diff import diff
from memviz.core.flags import FLAG_WORDS, flags_in_words
from memviz.gui.inspector.facts import SECTIONS
from memviz.gui.inspector.lines import lines_of
from memviz.gui.inspector.model import BREAK, KNOWN, VALUE, FactModel
from memviz.gui.inspector.shares import shares_of
from memviz.gui.inspector.subject import DIGITS, Line, Subject
from memviz.gui.inspector.table import FactTable
from memviz.gui.inspector.view import Inspector
from memviz.gui.inspector.words import heading, meaning, topic
from memviz.gui.parts.roles import ACCESSIBLE, TIP
from memviz.gui.session.selection import Selection, select_block, select_group, select_page, select_range, select_region
from memviz.gui.session.session import Session
from memviz.gui.session.state import DENIED, State
from tests.builders import PAGE, snapshot
from tests.gui.fake_source import show
from tests.runs import page_runs

LINES = (
    "10-14 r-xp /bin/program rss=8k shared_clean=8k flags=rd,ex,mr", "20-30 rw-p [heap] rss=16k anonymous=16k",
    "7f0-7f8 r-xp /lib/libc.so.6 rss=8k shared_clean=8k", "7f8-7fc rw-p /lib/libc.so.6 rss=8k anonymous=8k",
)  # fmt: skip
SMALL = snapshot(*LINES, start_code=0x10000, start_brk=0x20000)
GROWN = snapshot(LINES[0], "20-40 rw-p [heap] rss=64k anonymous=64k", *LINES[2:], start_code=0x10000, start_brk=0x20000)
PAGES = page_runs("10-12 f", "20-24 a", "28-2a s")
SELECTIONS = (
    Selection(), select_group("heap"), select_block(SMALL, 2), select_region(SMALL, 1), select_page(SMALL, 0x29000),
    select_range(0x10000, 0x30000),
)  # fmt: skip


@pytest.fixture
def inspector(session: Session, qtbot: QtBot) -> Inspector:
    made = Inspector(session)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    return made


def told(inspector: Inspector) -> list[str]:
    """Every label's text."""
    inspector.session.tasks.finish()
    return [
        label.text().replace("\u200b", "") for label in inspector.findChildren(QLabel) if label.isVisibleTo(inspector)
    ]


def facts(inspector: Inspector) -> dict[str, Line]:
    inspector.session.tasks.finish()
    return {line.title: line for line in inspector.findChild(FactModel).lines}


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda selection: selection.kind)
def test_that_whatever_is_selected_has_a_sentence_facts_and_a_meaning(
    inspector: Inspector, session: Session, selection: Selection
) -> None:
    show(session, SMALL, PAGES)
    session.select(selection)
    texts = told(inspector)
    assert any(text.endswith(".") and len(text) > 20 for text in texts)
    assert len(facts(inspector)) > 4
    subject = Subject(SMALL, selection, PAGES)
    title, words = meaning(subject)
    assert title in texts
    assert words in texts
    assert heading(subject) in texts


def test_that_the_page_of_a_heap_shows_the_state_that_the_kernel_told(inspector: Inspector, session: Session) -> None:
    show(session, SMALL, PAGES)
    session.select(select_page(SMALL, 0x29000))
    found = facts(inspector)
    assert found["State"].text == "in swap"
    assert found["State"].known == "pagemap"
    assert (found["In the region at"].text, found["Which page"].text) == ("0x9000", "9")
    assert "This page of the heap (brk) is in swap: touching it reads it back." in told(inspector)


def test_that_every_fact_says_how_it_is_known() -> None:
    for selection in SELECTIONS:
        for line in lines_of(Subject(SMALL, selection, PAGES)):
            if not line.is_heading and line.known:
                assert line.known in {"derived", "estimated"} or f"Measured, from {line.known}." in line.tip, line


def test_that_sizes_are_told_to_the_byte_in_the_tooltip() -> None:
    lines = {line.title: line for line in lines_of(Subject(SMALL, select_region(SMALL, 1)))}
    assert "Exactly 16,384 bytes." in lines["RSS"].tip
    assert lines["RSS"].raw == "16384"
    assert (lines["Start"].raw, lines["Start"].look) == ("0x2_0000", DIGITS)


def test_that_columns_of_which_there_is_nothing_stand_in_one_line() -> None:
    lines = lines_of(Subject(SMALL, select_region(SMALL, 0)))
    nothing = [line for line in lines if line.title == "Zero"]
    assert "KSM" in nothing[0].text
    assert not any(line.title == "KSM" for line in lines)


def test_that_what_is_not_measured_is_a_dash_with_its_reason() -> None:
    plain = snapshot(*LINES, measured=False)
    lines = {line.title: line for line in lines_of(Subject(plain, select_block(plain, 1)))}
    assert lines["RSS"].text.startswith("–")
    assert "only the regions were asked for" in lines["RSS"].tip
    assert lines["Size"].text == "64.0 KiB"


def test_that_a_page_nobody_looked_at_has_no_state() -> None:
    lines = {line.title: line for line in lines_of(Subject(SMALL, select_page(SMALL, 0x29000)))}
    assert lines["State"].text == "– (unsupported)"


def test_that_a_sentence_has_all_the_width_beside_its_name(session: Session, inspector: Inspector) -> None:
    show(session, SMALL, PAGES)
    session.select(select_page(SMALL, 0x29000))
    table = inspector.findChild(FactTable)
    rows = {line.title: row for row, line in enumerate(table.facts.lines)}
    assert table.columnSpan(rows["That means"], VALUE) == 2
    assert table.columnSpan(rows["State"], VALUE) == 1
    assert "from pagemap" in table.facts.lines[rows["That means"]].tip
    session.select(select_page(SMALL, 0x28000))  # the same lines with other values
    assert table.columnSpan(rows["That means"], VALUE) == 2


def test_that_why_a_value_is_unknown_is_not_cut_in_a_narrow_panel(session: Session, inspector: Inspector) -> None:
    inspector.resize(230, 600)
    show(session, SMALL)
    session.select(select_page(SMALL, 0x29000))
    table = inspector.findChild(FactTable)
    row = next(row for row, line in enumerate(table.facts.lines) if line.title == "State")
    assert table.facts.lines[row].text == "– (unsupported)"
    assert table.columnSpan(row, VALUE) == 2
    show(session, SMALL, PAGES)
    assert table.facts.lines[row].text == "in swap"
    assert table.columnSpan(row, VALUE) == 1


def test_that_flags_are_told_in_words() -> None:
    lines = {line.title: line for line in lines_of(Subject(SMALL, select_region(SMALL, 0)))}
    assert lines["Flags"].text == "rd ex mr"
    assert "ex: executable" in lines["Flags"].tip
    assert flags_in_words(["ac", "??"]) == f"ac: {FLAG_WORDS['ac']}, ??"


def test_that_after_a_mark_the_difference_is_told(inspector: Inspector, session: Session, qtbot: QtBot) -> None:
    show(session, SMALL, PAGES)
    session.set_mark(SMALL)
    session.select(select_region(SMALL, 1))
    with qtbot.waitSignal(session.difference_changed):
        show(session, GROWN, PAGES)
    qtbot.waitUntil(lambda: "+48.0 KiB" in [line.text for line in inspector.findChild(FactModel).lines])


def test_that_what_is_gone_has_a_sentence_and_no_facts(inspector: Inspector, session: Session) -> None:
    show(session, SMALL)
    session.select(select_region(SMALL, 1))
    show(session, snapshot(LINES[0], start_code=0x10000))
    assert "Nothing is mapped at 0x2_0000 (any more)." in told(inspector)
    assert not facts(inspector)


def test_that_explaining_asks_for_the_page_of_the_group(inspector: Inspector, session: Session, qtbot: QtBot) -> None:
    show(session, SMALL)
    session.select(select_region(SMALL, 1))
    button = inspector._explain
    with qtbot.waitSignal(inspector.explain_wanted) as caught:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert caught.args == ["heap"]
    assert topic(Subject(SMALL, Selection())).name == "rss"


def test_that_a_refusal_says_what_would_help(inspector: Inspector, session: Session) -> None:
    session.open(7, "program")
    session.set_state(State(DENIED, "Another user's process.", "run memviz as root"))
    assert "Another user's process." in told(inspector)
    assert "run memviz as root" in told(inspector)
    refused = snapshot(errno=errno.EACCES)
    show(session, refused)
    assert refused.absent["regions"].remedy in told(inspector)
    assert any(text.startswith("program") for text in told(inspector))


@pytest.mark.parametrize(
    ("selection", "rss"),
    [
        (Selection(), "+48.0 KiB"), (select_group("heap"), "+48.0 KiB"), (select_block(GROWN, 1), "+48.0 KiB"),
        (select_region(GROWN, 1), "+48.0 KiB"), (select_region(GROWN, 0), "no change"),
        (select_group("library"), "no change"), (select_block(GROWN, 2), "no change"),
    ],
)  # fmt: skip
def test_that_whatever_is_selected_tells_its_own_difference(selection: Selection, rss: str) -> None:
    lines = lines_of(Subject(GROWN, selection, difference=diff(SMALL, GROWN)))
    told = {line.name: line.text for line in lines}
    assert told["change rss"] == rss
    assert "news" not in told


def test_that_what_was_not_there_at_the_mark_is_told_to_be_new() -> None:
    before = snapshot(*LINES[:2], start_code=0x10000, start_brk=0x20000)
    for selection in (select_region(SMALL, 2), select_block(SMALL, 2)):
        told = {line.name: line.text for line in lines_of(Subject(SMALL, selection, difference=diff(before, SMALL)))}
        assert told["news"].startswith("new")
        assert told["change size"].startswith("+")


def test_that_a_value_can_be_copied_by_keyboard_and_menu(inspector: Inspector, session: Session, qtbot: QtBot) -> None:
    show(session, SMALL)
    session.select(select_region(SMALL, 1))
    table = inspector._facts
    row = next(row for row, line in enumerate(table.facts.lines) if line.title == "RSS")
    table.selectRow(row)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "16384"
    menu = inspector.menu(table.facts.lines[row])
    titles = [action.text() for action in menu.actions()]
    assert titles[0] == "Copy RSS: 16.0 KiB"
    assert "Copy the sentence" in titles
    menu.actions()[titles.index("Copy with its name")].trigger()
    assert QGuiApplication.clipboard().text() == "RSS: 16.0 KiB"


@pytest.mark.parametrize("width", [260, 300, 380])
def test_that_nothing_is_clipped_in_a_narrow_dock(inspector: Inspector, session: Session, width: int) -> None:
    show(session, SMALL, PAGES)
    inspector.resize(width, 500)
    for selection in SELECTIONS:
        session.select(selection)
        assert inspector.widget().width() <= inspector.viewport().width()
        table = inspector._facts
        assert sum(table.columnWidth(column) for column in range(3)) <= table.viewport().width()
        assert table.height() >= table.verticalHeader().length()


@pytest.mark.parametrize("width", [230, 300, 380])
def test_that_an_address_is_shown_as_a_whole(inspector: Inspector, session: Session, width: int) -> None:
    far = snapshot("7f7912340-7f7912350 r-xp /lib/libc.so.6 rss=8k")
    show(session, far)
    session.select(select_region(far, 0))
    inspector.resize(width, 500)
    table = inspector._facts
    row = next(row for row, line in enumerate(table.facts.lines) if line.title == "Start")
    room = table.visualRect(table.model().index(row, VALUE)).width()
    assert room >= QFontMetrics(table._digit_font).horizontalAdvance(table.facts.lines[row].text)


def test_that_an_address_without_room_is_folded_and_not_cut(inspector: Inspector, session: Session) -> None:
    far = snapshot("7f7912340-7f7912350 r-xp /lib/libc.so.6 rss=8k")
    show(session, far)
    session.select(select_region(far, 0))
    table = inspector._facts
    table.set_width(160)
    row = next(row for row, line in enumerate(table.facts.lines) if line.title == "Start")
    room = table.visualRect(table.model().index(row, VALUE)).width()
    pieces = table.model().index(row, VALUE).data().split(BREAK)
    assert "".join(pieces) == table.facts.lines[row].text
    letters = QFontMetrics(table._digit_font)
    assert room < letters.horizontalAdvance("".join(pieces))
    assert room >= max(letters.horizontalAdvance(piece) for piece in pieces)


def test_that_a_long_value_does_not_make_the_menu_wider_than_the_screen(session: Session, inspector: Inspector) -> None:
    show(session, snapshot("10-14 r--p /srv/" + "long-name-" * 30 + "end"))
    session.select(select_region(session.snapshot, 0))  # type: ignore[arg-type]  # there is one
    line = facts(inspector)["Path"]
    titles = [action.text() for action in inspector.menu(line).actions()]
    assert len(titles[0]) < 60
    assert titles[0].endswith("end")


def test_that_a_model_keeps_the_rules_while_facts_come_and_go(qtbot: QtBot) -> None:
    model = FactModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for seen in (SMALL, GROWN, snapshot("10-14 r-xp /bin/program", measured=False)):
        for selection in SELECTIONS:
            model.show(lines_of(Subject(seen, selection, PAGES)))
            for row in range(model.rowCount()):
                assert isinstance(model.index(row, VALUE).data(), str)
                assert isinstance(model.index(row, KNOWN).data(), str)
                assert not model.index(row, VALUE).data(ACCESSIBLE).endswith(", ")
                model.index(row, VALUE).data(TIP)
    assert tester.model() is model


def test_that_the_same_facts_with_other_numbers_keep_their_rows(qtbot: QtBot) -> None:
    model = FactModel()
    model.show(lines_of(Subject(SMALL, select_region(SMALL, 1))))
    with qtbot.waitSignal(model.dataChanged), qtbot.assertNotEmitted(model.modelReset):
        model.show(lines_of(Subject(GROWN, select_region(GROWN, 1))))


def test_that_the_bar_adds_up_to_the_size_of_what_is_selected() -> None:
    for selection in SELECTIONS[1:4]:
        part = Subject(SMALL, selection).part
        assert sum(share.size for share in shares_of(part)) == part.size


def test_that_names_of_facts_are_told_once_in_a_section() -> None:
    for section in SECTIONS:
        names = [fact.title for fact in section.facts]
        assert len(names) == len(set(names))


def test_that_a_selection_of_a_page_is_as_large_as_the_targets_pages() -> None:
    assert select_page(SMALL, 0x29010).end - select_page(SMALL, 0x29010).start == PAGE


def test_that_many_regions_are_added_up_away_from_this_thread(
    inspector: Inspector, session: Session, qtbot: QtBot
) -> None:
    many = snapshot(*(f"{at:x}-{at + 1:x} rw-p rss=4k anonymous=4k" for at in range(0x1000, 0x1000 + 4 * 5100, 4)))
    show(session, many)
    session.select(select_group("anonymous"))
    assert session.jobs.is_running("inspector")
    qtbot.waitUntil(lambda: "5,100" in [line.text for line in facts(inspector).values()])
    show(session, SMALL)
    assert not session.jobs.is_running("inspector")


def test_that_the_kernels_page_at_the_top_can_be_selected(inspector: Inspector, session: Session) -> None:
    top = snapshot("10-14 r-xp /bin/program rss=8k", "ffffffffff600-ffffffffff601 --xp [vsyscall]")
    show(session, top, PAGES)
    for selection in (select_region(top, 1), select_block(top, 1), select_page(top, 0xFFFFFFFFFF600000)):
        session.select(selection)
        assert any("vsyscall" in text for text in told(inspector))
        assert facts(inspector)


@pytest.mark.parametrize("width", [230, 260, 300, 420])
@pytest.mark.parametrize("selection", SELECTIONS)
def test_that_nothing_is_wider_than_the_panel(
    session: Session, inspector: Inspector, selection: Selection, width: int
) -> None:
    inspector.resize(width, 600)
    show(session, SMALL, PAGES)
    session.select(selection)
    QGuiApplication.processEvents()
    assert inspector.widget().width() <= inspector.viewport().width()


def test_that_rows_are_as_high_as_qt_would_make_them(inspector: Inspector, session: Session) -> None:
    """Rows of one line are not measured one by one; no text may be cut for that."""
    table = inspector.findChild(FactTable)
    show(session, SMALL, PAGES)
    for selection in SELECTIONS:
        session.select(selection)
        for width in range(120, 620, 23):
            table.set_width(width)
            ours = [table.rowHeight(row) for row in range(len(table.facts.lines))]
            table.resizeRowsToContents()
            assert ours == [table.rowHeight(row) for row in range(len(table.facts.lines))], (selection, width)

"""What every test of the application shares: no screen unless one is asked for, a session on a made-up source."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.gui.session.session import Session
from tests.gui.fake_source import FakeSource


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test reads or writes the settings of whoever runs it."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("MEMVIZ_CONFIG", str(folder))
    return folder


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def session(qtbot: QtBot, qapp: QApplication, source: FakeSource) -> Iterator[Session]:
    """A session that nothing feeds: tests hand it what it is to show."""
    made = Session(source)
    yield made
    made.close()

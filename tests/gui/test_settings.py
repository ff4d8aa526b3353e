"""What stays from one run to the next, and what a broken file does: nothing worse than a word."""

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from memviz.gui.session.options import Options, known_options
from memviz.gui.shell.settings import Settings, known_settings, load, save, settings_file

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["options", "geometry", "docks", "layouts", "views"]) | st.text(max_size=8)
TEXTS = st.text(alphabet=st.characters(exclude_categories=()))


def test_that_what_is_kept_is_read_again(tmp_path: Path) -> None:
    settings = Settings({"metric": "rss"}, "Z2VvbWV0cnk=", "ZG9ja3M=", {"wide": "YQ=="}, {"map": {"zoom": 2}})
    assert save(tmp_path / "deep" / "settings.json", settings) == ""
    assert load(tmp_path / "deep" / "settings.json") == (settings, [])


def test_that_there_need_be_none(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.json") == (Settings(), [])


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "\x00\xff", "[" * 100_000])
def test_that_a_broken_file_is_told_and_kept_aside(text: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text, encoding="latin-1")
    settings, wrong = load(file)
    assert settings == Settings()
    assert len(wrong) == 1
    assert "broken" in wrong[0]
    assert not file.exists()
    assert (tmp_path / "settings.json.broken").read_text(encoding="latin-1") == text
    assert load(file) == (Settings(), [])


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """As somebody whom files can be kept from: root reads what it wants."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_that_a_file_that_may_not_be_read_is_told_and_left_there(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("{}")
    file.chmod(0)
    with without_rights():
        settings, wrong = load(file)
    assert settings == Settings()
    assert wrong == [f"The settings in {file} could not be read: Permission denied."]
    assert file.read_text() == "{}" if os.geteuid() == 0 else file.exists()


def test_that_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    assert len(load(tmp_path / "settings.json")[1]) == 1
    assert "could not be kept" in save(tmp_path / "settings.json", Settings())
    assert list(tmp_path.iterdir()) == [tmp_path / "settings.json"]


def test_that_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    save(file, Settings(docks="b2xk"))
    odd: dict[str, Any] = {"view": {"a": object()}}
    assert "could not be kept" in save(file, Settings(views=odd))
    assert load(file)[0].docks == "b2xk"
    assert list(tmp_path.iterdir()) == [file]


def test_that_only_the_user_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    save(file, Settings())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@given(st.dictionaries(NAMES, VALUES))
@example({"layouts": {"a": 1, "b": "YQ=="}, "views": {"map": [], "tab": {}}, "options": None, "nonsense": 1})
def test_that_whatever_a_file_holds_settings_have_their_form(held: dict[str, Any]) -> None:
    settings, wrong = known_settings(held)
    assert isinstance(settings.geometry, str)
    assert isinstance(settings.docks, str)
    assert all(isinstance(each, str) for each in settings.layouts.values())
    assert all(isinstance(each, dict) for each in settings.views.values())
    odd = [name for name in held if name not in ("options", "geometry", "docks", "layouts", "views")]
    assert len(wrong) >= len(odd)
    assert isinstance(known_options(settings.options)[0], Options)


@given(data=st.binary(max_size=200) | TEXTS.map(lambda text: json.dumps(text).encode()))
@configured(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_reading_never_raises(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(data)
    settings, _ = load(file)
    assert isinstance(settings, Settings)


def test_that_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMVIZ_CONFIG", str(tmp_path))
    assert settings_file() == tmp_path / "settings.json"
    monkeypatch.delenv("MEMVIZ_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert settings_file() == tmp_path / "xdg" / "memviz" / "settings.json"

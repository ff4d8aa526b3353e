"""Options from a file: what fits is taken, what does not is told."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.session.options import Options, known_options
from memviz.gui.theme import theme

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3
)


def test_that_what_fits_is_taken_and_the_rest_is_told() -> None:
    options, wrong = known_options({"metric": "pss", "rate": 3, "motion": "no", "strange": 1})
    assert options == Options(metric="pss")
    assert wrong == ["rate = 3", "motion = 'no'", "strange = 1"]


@given(st.dictionaries(st.sampled_from([*Options.__dataclass_fields__, "other"]), JUNK))
def test_that_whatever_a_file_holds_gives_options(given_: dict[str, Any]) -> None:
    options, _ = known_options(given_)
    assert known_options({name: getattr(options, name) for name in Options.__dataclass_fields__}) == (options, [])


def test_that_both_themes_have_a_hue_for_every_group() -> None:
    from memviz.core.categories import GROUPS

    for name in ("light", "dark"):
        assert set(theme(name).groups) == {group.name for group in GROUPS}

"""Names of entries, and of people."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.collect.naming import entry_ids, squashed
from grader.model.batch import FOLDER_NAME
from tests.sizes import LARGER

KEYS = st.lists(
    st.text(st.characters(), max_size=120) | st.sampled_from(["ana", "Ana", "..", "con", "é", "e"])
)


@settings(max_examples=LARGER * 100 or 60)
@given(KEYS)
def test_names_are_safe_and_no_two_alike(keys: list[str]) -> None:
    names = entry_ids(keys)
    assert len({name.casefold() for name in names}) == len(keys)
    assert all(FOLDER_NAME.fullmatch(name) for name in names)
    assert not any(name.endswith(".json") or name.startswith("report") for name in names)


@settings(max_examples=30)
@given(st.permutations(["ana", "bob", "Ana", "Doe, Ana", "Müller", "Muller", "李", "report"]))
def test_a_name_does_not_depend_on_the_order(keys: list[str]) -> None:
    assert dict(zip(keys, entry_ids(keys), strict=True)) == dict(
        zip(sorted(keys), entry_ids(sorted(keys)), strict=True)
    )


def test_a_name_stays_when_another_submission_comes() -> None:
    assert entry_ids(["doeana_12", "Bob Lee_9"]) == ["doeana_12", "Bob_Lee_9"]
    assert entry_ids(["Bob Lee_9", "zed", "doeana_12"])[::2] == ["Bob_Lee_9", "doeana_12"]


def test_people_are_the_same_without_accents_and_case() -> None:
    assert squashed("Müller, Zoë") == squashed("MULLER zoe") == "mullerzoe"
    assert squashed("Strauß") == squashed("STRAUSS")
    assert squashed("李 小龙") == "李小龙"

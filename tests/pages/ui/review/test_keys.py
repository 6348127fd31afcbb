"""The list of keys says what the components do, no more and no less."""

from __future__ import annotations

import re

import pytest

from pages.ui.review.keys import ANYWHERE, CURVES, GALLERY, KEYS, PLACES, POINT, VIEWER, caps
from patchcore_core.reviews.words import VERDICTS
from tests.places import ROOT

SCRIPTS = {GALLERY: "gallery", POINT: "operating_point", VIEWER: "viewer", CURVES: "curves"}
NAMED = r"Arrow(?:Left|Right|Up|Down)|Page(?:Up|Down)|Home|End|Escape|Enter"
SAME_KEY = {"=", "_"}  # plus and minus without or with Shift


def listed(where: str) -> set[str]:
    return {key.removeprefix("Shift+") for one in KEYS if one.where == where for key in one.keys}


@pytest.mark.parametrize("where", SCRIPTS)
def test_the_keys_of_a_component_are_those_that_it_handles(where):
    folder = ROOT / "patchcore_core/views/web" / SCRIPTS[where]
    script = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))
    compared = set(re.findall(r'\bkey === "([^"]+)"', script))
    known = {one or other for one, other in re.findall(rf'"({NAMED})"|\b({NAMED}):', script)}
    assert listed(where) == (compared | known) - SAME_KEY


def test_a_key_means_one_thing_in_one_place():
    for where in PLACES:
        keys = [key for one in KEYS if one.where == where for key in one.keys]
        assert len(keys) == len(set(keys)) > 0


def test_every_verdict_that_can_be_given_has_its_key():
    said = {one.keys: one.what for one in KEYS if one.where == ANYWHERE}
    words = [words for name, words in VERDICTS.items() if name]
    assert [said[(str(number),)] for number in range(1, len(words) + 1)] == [f"Verdict: {word}" for word in words]


def test_keys_stand_as_on_a_keyboard():
    assert caps(("n",)) == "`N`"
    assert caps(("+", "-")) == "`+`\u00a0`-`"
    assert caps(("Shift+ArrowLeft", "Shift+ArrowRight")) == "`Shift`\u00a0+\u00a0`←`\u00a0`→`"
    assert {one.where for one in KEYS} == set(PLACES) >= {CURVES}

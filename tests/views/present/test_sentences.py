"""Every sentence against the one that a person would write for these counts."""

from __future__ import annotations

import pytest

from patchcore_core.views.present import sentences
from patchcore_core.views.present.rates import Measured, Rate

NOBODY = Rate(0, 0)


def of(found: Rate = NOBODY, stopped: Rate = NOBODY, checked: tuple[Rate, Rate] = (NOBODY, NOBODY),
       decides: bool = True) -> Measured:
    return Measured(found, stopped, (), *checked, unlabelled=0, decides=decides)


@pytest.mark.parametrize(("rate", "sentence"), [
    (Rate(94, 100), "Of 100 defective parts it finds 94, at worst 87."),  # Wilson: 87.5 to 97.2 %
    (Rate(20, 20), "Of 100 defective parts it finds 100, at worst 83."),  # 83.9 %
    (Rate(2, 3), "Of 100 defective parts it finds about 67, at worst 20."),  # 20.8 %
    (Rate(0, 3), "Of 100 defective parts it finds none, at best 57."),  # 56.2 %
    (NOBODY, sentences.NO_DEFECTIVE),
])  # fmt: skip
def test_what_is_found(rate, sentence):
    assert sentences.finds(of(found=rate)) == sentence


@pytest.mark.parametrize(("rate", "sentence"), [
    (Rate(12, 1000), "Of 1,000 good parts it stops 12 by mistake, at worst 21."),  # 0.69 to 2.09 %
    (Rate(2, 191), "Of 1,000 good parts it stops about 10 by mistake, at worst 38."),  # 3.74 %
    (Rate(0, 20), "Of 1,000 good parts it stops none by mistake, at worst 162."),  # 16.1 %
    (NOBODY, sentences.NO_GOOD),
])  # fmt: skip
def test_what_is_stopped(rate, sentence):
    assert sentences.stops(of(stopped=rate)) == sentence


def test_without_a_threshold_nothing_is_claimed():
    measure = of(Rate(0, 50), Rate(0, 50), decides=False)
    assert sentences.finds(measure) == sentences.stops(measure) == sentences.NO_DECISION


def test_a_type_is_named_by_its_folder_whatever_that_is():
    assert sentences.finds_type("scratch_deep", Rate(47, 50)) == \
        "Of 100 parts with “scratch deep” it finds 94, at worst 83."  # 83.8 %
    assert len(sentences.type_name("x" * 300)) <= sentences.LONGEST
    assert "\u202e" not in sentences.type_name("\u202egnp")


@pytest.mark.parametrize(("rate", "what", "sentence"), [
    (Rate(47, 50), "found", "Tested on 50 defective parts: 47 found (94 %, 95 % interval 83.8 to 97.9 %)."),
    (Rate(1, 1), "stopped", "Tested on 1 good part: 1 stopped (100 %, 95 % interval 20.7 to 100.0 %). So few parts "
                            "say little: test more."),
    (NOBODY, "stopped", "No good part was tested."),
])  # fmt: skip
def test_the_counts_stand_beside(rate, what, sentence):
    assert sentences.tested(rate, what) == sentence


def test_what_a_person_decides_is_said():
    checked = Rate(5, 50), Rate(3, 100)
    assert sentences.hands_over(of(Rate(45, 50), Rate(0, 100), checked)) == (
        "It leaves some to a person: of 100 defective parts 10, of 1,000 good parts 30. They count as neither found "
        "nor stopped here.")
    assert sentences.hands_over(of(Rate(45, 50), Rate(0, 100))) == ""

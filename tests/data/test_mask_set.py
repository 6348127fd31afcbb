"""What masks mean is decided for a data set as a whole, kept with its run, and said in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data.dataset import Sample
from patchcore_core.data.ground_truth import GroundTruth, ground_truth
from patchcore_core.data.mask_set import as_record, as_rule
from patchcore_core.data.masks import MaskRule
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform

SIDE = 32
WHOLE = Transform(SIDE, None, (0.5,) * 3, (0.2,) * 3)
ONE, TWO = (slice(4, 12), slice(4, 12)), (slice(16, 28), slice(10, 20))
Make = Callable[..., Sample]


@pytest.fixture
def sample(tmp_path: Path) -> Make:
    """`sample(one, two, good=0)`: a photo whose mask has these values in two areas."""
    count = iter(range(100))

    def make(one: int, two: int, good: int = 0, kind: str = "hole", turn: int = 1, size: tuple[int, int] = (32, 32),
             drawn: str = "upright") -> Sample:  # fmt: skip
        number, exif = next(count), Image.Exif()
        exif[0x0112] = turn
        Image.new("RGB", size[::-1]).save(tmp_path / f"{number}.jpg", exif=exif)
        mask = np.full((size if drawn == "stored" or turn < 5 else size[::-1]), good, np.uint8)
        mask[ONE], mask[TWO] = one, two
        Image.fromarray(mask).save(tmp_path / f"{number}_mask.png")
        return Sample(tmp_path / f"{number}.jpg", "test", 1, kind, (tmp_path / f"{number}_mask.png",))

    return make


def truth_of(samples: list[Sample], ignore_value: int | None = None) -> GroundTruth:
    return ground_truth(samples, WHOLE, Scratch(), ignore_value=ignore_value)


def areas(*chosen: tuple[slice, slice]) -> np.ndarray:
    made = np.zeros((SIDE, SIDE), bool)
    for area in chosen:
        made[area] = True
    return made


def test_plain_masks_need_no_sentence_and_no_second_array(sample: Make) -> None:
    truth = truth_of([sample(255, 255), sample(1, 1), sample(0, 0, good=0)])
    assert truth.ignored is None
    assert truth.rule == MaskRule(frozenset())
    assert [("is empty" in warning) for warning in truth.warnings] == [True]


def test_ignored_pixels_are_known_of_each_image(sample: Make) -> None:
    truth = truth_of([sample(255, 0), sample(1, 255), sample(2, 255), sample(1, 2)])
    np.testing.assert_array_equal(truth.masks[1], areas(ONE))
    assert truth.ignored is not None
    np.testing.assert_array_equal(truth.ignored[1], areas(TWO))
    assert not truth.ignored[3].any()
    assert truth.mask_known.tolist() == [False, True, True, True]  # of the first mask nothing is left
    assert truth.rule.reserved == {"255"}
    said = next(warning for warning in truth.warnings if "3 of 4 masks hold 255" in warning)
    assert "in no figure" in said
    assert any("several values" in warning and "1, 2" in warning for warning in truth.warnings)


def test_a_stray_1_in_a_set_of_255_ignores_nothing(sample: Make) -> None:
    truth = truth_of([sample(255, 255)] * 3 + [sample(1, 255)])
    np.testing.assert_array_equal(truth.masks[3], areas(ONE, TWO))
    assert truth.ignored is None
    assert truth.rule.reserved == frozenset()
    assert any("1 of 4 masks hold several values" in warning for warning in truth.warnings)


def test_a_named_value_is_left_out_and_it_is_said(sample: Make) -> None:
    truth = truth_of([sample(255, 128), sample(255, 0), sample(128, 128)], 128)
    np.testing.assert_array_equal(truth.masks[0], areas(ONE))
    assert truth.ignored is not None
    np.testing.assert_array_equal(truth.ignored[0], areas(TWO))
    assert not truth.ignored[1].any()
    assert truth.mask_known.tolist() == [True, True, False]
    assert truth.rule == MaskRule(frozenset(), "stored", 128)
    said = [warning for warning in truth.warnings if "128" in warning]
    assert len(said) == 1
    assert said[0].startswith("2 of 3 masks hold 128, ignored as requested: these pixels count in no figure")
    assert said[0].endswith("0_mask.png)")
    assert not any("several values" in warning or "nobody knows" in warning for warning in truth.warnings)


def test_a_named_value_that_occurs_nowhere_is_said_once(sample: Make) -> None:
    truth = truth_of([sample(255, 0), sample(255, 255)], 128)
    assert truth.ignored is None
    assert truth.warnings == (
        "none of 2 masks holds 128, the value to ignore",)


def test_masks_still_tell_themselves_what_nobody_knows(sample: Make) -> None:
    truth = truth_of([sample(1, 255), sample(2, 9)], 9)
    assert truth.ignored is not None
    np.testing.assert_array_equal(truth.ignored[0], areas(TWO))
    np.testing.assert_array_equal(truth.ignored[1], areas(TWO))
    assert truth.rule.reserved == {"255"}
    named = truth_of([sample(255, 255)] * 3 + [sample(1, 255)], 255)  # where the set alone would take it as defect
    np.testing.assert_array_equal(named.masks[3], areas(ONE))
    assert named.rule.reserved == frozenset()


def test_the_rule_survives_the_record(sample: Make) -> None:
    for rule in (truth_of([sample(1, 255)]).rule, MaskRule(frozenset(), "upright"), MaskRule(None, "stored")):
        assert as_rule(as_record(rule, None)) == rule
    assert as_rule(None) == MaskRule()
    named = truth_of([sample(1, 255)], 255).rule  # the value itself stands in the configuration
    assert as_rule(as_record(named, 12), 255) == named


def test_masks_that_mark_nearly_everything_are_doubted_and_kept(sample: Make) -> None:
    truth = truth_of([sample(0, 0, good=255), sample(0, 0, good=255, kind="spot"), sample(255, 0, kind="spot"),
                      sample(255, 0, kind="spot")])  # fmt: skip
    np.testing.assert_array_equal(truth.masks[0], ~areas(ONE, TWO))
    said = [warning for warning in truth.warnings if "inverted" in warning]
    assert len(said) == 1
    assert said[0].startswith("hole: 1 of 1 masks")


def test_masks_without_a_0_are_named(sample: Make) -> None:
    truth = truth_of([sample(100, 200, good=50)])
    np.testing.assert_array_equal(truth.masks[0], areas(ONE, TWO))
    assert any("no 0 or black; read as good is 50" in warning for warning in truth.warnings)


@pytest.mark.parametrize("turn", [3, 6, 8])
def test_square_photos_are_turned_with_their_masks_and_it_is_said(sample: Make, turn: int) -> None:
    truth = truth_of([sample(255, 0, turn=turn), sample(255, 0)])
    expected = areas(ONE)
    turned = {3: expected[::-1, ::-1], 6: np.rot90(expected, -1), 8: np.rot90(expected)}[turn]
    np.testing.assert_array_equal(truth.masks[0], turned)
    np.testing.assert_array_equal(truth.masks[1], expected)
    assert truth.orientations.tolist() == [turn, 1]
    said = [warning for warning in truth.warnings if "EXIF" in warning]
    assert len(said) == 1
    assert said[0].startswith("1 masks have no EXIF orientation")
    assert "the stored pixels" in said[0]


@pytest.mark.parametrize(("drawn", "words"), [("upright", "the upright photos"), ("stored", "the stored pixels")])
def test_sizes_of_others_tell_what_square_masks_were_drawn_on(sample: Make, drawn: str, words: str) -> None:
    truth = truth_of([sample(255, 0, turn=6), sample(255, 0, turn=6, size=(40, 48), drawn=drawn)])
    expected = areas(ONE)
    np.testing.assert_array_equal(truth.masks[0], expected if drawn == "upright" else np.rot90(expected, -1))
    said = next(warning for warning in truth.warnings if "EXIF" in warning)
    assert words in said
    assert "1 others tell" in said
    assert truth.mask_known.all()

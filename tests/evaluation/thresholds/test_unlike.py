"""Photos that are unlike all good ones: the level of a photo, the limit, and what is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patchcore_core.evaluation.curve_points import HeldOutArrays
from patchcore_core.evaluation.thresholds.unlike import FEWEST, SHARE, Familiar, levels_of

GOOD = Familiar(np.array([1.0, 1.2, 0.9, 1.1, 1.05], np.float32))  # median 1.05, its deviations' median 0.05


def slow_level(scores: np.ndarray) -> float:
    """The quantile by sorting, linear between neighbours."""
    ordered = sorted(scores.ravel().tolist())
    place = SHARE * (len(ordered) - 1)
    low = int(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def test_a_level_is_a_low_quantile_of_the_patches() -> None:
    scores = np.random.default_rng(0).gamma(2, size=(7, 16, 17)).astype(np.float32)
    np.testing.assert_allclose(levels_of(scores), [slow_level(one) for one in scores], rtol=1e-6)
    np.testing.assert_allclose(levels_of(scores**2, squared=True), levels_of(scores), rtol=0.05)
    assert levels_of(np.empty((0, 5, 6), np.float32)).shape == (0,)
    assert np.isnan(levels_of(scores[:, :15])).all()  # too coarse to tell a defect from another part


def test_a_defect_does_not_raise_the_level_and_another_part_does() -> None:
    good = np.random.default_rng(1).gamma(9, 0.1, (1, 28, 28))
    defective, other = good.copy(), good * 3
    defective[:, :, 14:] *= 5  # half of the photo
    levels = levels_of(np.concatenate([good, defective, other]))
    assert levels[1] < 1.3 * levels[0]
    assert levels[2] == pytest.approx(3 * levels[0], rel=1e-5)


def test_what_is_far_above_all_good_ones_is_unlike_them() -> None:
    assert GOOD.limit == pytest.approx(1.05 + 7 * 1.4826 * 0.05)
    assert Familiar(np.full(9, 2.0)).limit == pytest.approx(2 + 7 * 0.02)  # the least spread
    assert Familiar(np.array([1, 1, 1, 1, 1, 9.0])).limit == pytest.approx(1.05 * 9)
    assert (GOOD.unlike(1.2), GOOD.unlike(5.0)) == (False, True)
    assert GOOD.note(1.2) == ""
    assert "unlike anything the memory bank knows" in GOOD.note(5.0)
    assert "above 5, of good photos above at most 1.2;" in GOOD.note(5.0)


@pytest.mark.parametrize(("familiar", "why"), [
    (Familiar(), "the run has recorded no levels"),
    (Familiar(np.ones(FEWEST - 1, np.float32)), f"fewer than {FEWEST} good photos"),
    (Familiar(np.array([1, 1, 1, 1, np.nan])), f"fewer than {FEWEST} good photos"),
])
def test_without_enough_levels_it_is_not_known(familiar: Familiar, why: str) -> None:
    assert (familiar.known, familiar.unlike(1e9), familiar.note(1e9)) == (False, None, "")
    assert why in familiar.why_unknown
    badge = familiar.badge(np.array([1e9]), [Path("a.png")])
    assert (badge.level, why in badge.sentence) == ("note", True)


def test_a_run_knows_its_levels_and_an_older_one_does_not() -> None:
    assert Familiar.read(HeldOutArrays(levels=GOOD.levels)).limit == GOOD.limit
    assert not Familiar.read(HeldOutArrays()).known
    assert not Familiar.read(None).known
    assert GOOD.why_unknown == ""


def test_a_level_that_is_no_number_is_not_judged() -> None:
    assert GOOD.unlike(float("nan")) is None


def test_the_badge_names_the_photos() -> None:
    paths = [Path(f"test/{number}.png") for number in range(6)]
    fine = GOOD.badge(np.ones(6), paths)
    assert (fine.level, fine.counts) == ("ok", {"test": 6, "unlike": 0})
    found = GOOD.badge(np.array([1, 9, 1, 9, 9, 9.0]), paths)
    assert (found.level, found.counts) == ("warning", {"test": 6, "unlike": 4})
    assert "test/1.png, test/3.png, test/4.png." in found.sentence

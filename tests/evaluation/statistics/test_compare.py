import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.statistics import compare
from patchcore_core.evaluation.statistics.differences import delong_test, holm

SCORES = st.lists(st.integers(-20, 20), min_size=1, max_size=30)


def test_config_differences_names_only_what_differs() -> None:
    configs = [PatchCoreConfig(coreset_ratio=ratio, seed=seed).to_dict() for ratio, seed in ((0.1, 0), (0.01, 1))]
    assert compare.config_differences(configs) == {"coreset_ratio": (0.1, 0.01), "seed": (0, 1)}


def test_config_differences_of_equal_configs_is_empty() -> None:
    assert compare.config_differences([PatchCoreConfig().to_dict()] * 3) == {}


def test_config_differences_counts_a_missing_field_as_none() -> None:
    assert compare.config_differences([{"a": 1}, {"a": 1, "b": 2}, {"a": 1}]) == {"b": (None, 2, None)}


@pytest.mark.parametrize(
    ("values", "higher", "best"),
    [
        ((0.9, 0.95, 0.95), True, (False, True, True)),
        ((3.0, 1.0), False, (False, True)),
        ((0.5, 0.5), True, (False, False)),
        ((0.5, math.nan), True, (False, False)),
        ((math.nan, 0.4, 0.6), True, (False, False, True)),
        ((math.nan, math.nan), True, (False, False)),
    ],
)
def test_best_value_is_marked(values: tuple[float, ...], higher: bool, best: tuple[bool, ...]) -> None:
    assert compare.compare_figure("x", values, higher).best == best


def test_differences_are_to_the_first_run() -> None:
    figure = compare.compare_figure("Image AUROC", (0.5, 0.75, math.nan))
    assert figure.differences[:2] == (0.0, 0.25)
    assert math.isnan(figure.differences[2])
    assert all(math.isnan(value) for value in compare.compare_figure("x", (math.nan, 0.5)).differences)


def test_common_images_follow_the_first_run() -> None:
    places = compare.common_images([["a", "b", "c"], ["c", "x", "a"]])
    assert places.tolist() == [[0, 2], [2, 0]]


def test_an_empty_key_matches_nothing() -> None:
    assert compare.common_images([["a", ""], ["", "a"]]).tolist() == [[0], [1]]


def test_an_image_that_a_run_holds_twice_is_listed_once() -> None:
    assert compare.common_images([["a", "a", "b"], ["b", "a"]]).shape == (2, 2)


def test_runs_without_a_common_image() -> None:
    assert compare.common_images([["a"], ["b"], []]).shape == (3, 0)


def test_standing_by_hand() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0])
    # threshold 3: scores 3 and 4 are defective; 1 is two images below the threshold, 2 is one
    assert compare.standing(scores, 3.0).tolist() == [-0.5, -0.25, 0.25, 0.5]


def slow_standing(scores: list[int], threshold: float) -> list[float]:
    result = []
    for score in scores:
        if score >= threshold:
            result.append(sum(threshold <= other <= score for other in scores) / len(scores))
        else:
            result.append(-sum(score <= other < threshold for other in scores) / len(scores))
    return result


@given(SCORES, st.integers(-25, 25))
def test_standing_equals_counting_by_hand(scores: list[int], threshold: int) -> None:
    result = compare.standing(np.array(scores, dtype=float), threshold)
    assert result.tolist() == pytest.approx(slow_standing(scores, threshold))
    assert ((result > 0) == (np.array(scores) >= threshold)).all()


@given(SCORES, st.integers(-25, 25))
def test_standing_does_not_depend_on_the_scale_of_the_scores(scores: list[int], threshold: int) -> None:
    values = np.array(scores, dtype=float)
    stretched = compare.standing(np.exp(values / 4), math.exp(threshold / 4))
    assert stretched.tolist() == compare.standing(values, threshold).tolist()


def test_standing_refuses_a_missing_threshold() -> None:
    with pytest.raises(ValueError, match="NaN"):
        compare.standing(np.array([1.0]), math.nan)


def test_verdicts_by_hand() -> None:
    scores = np.array([[0.1, 0.9, 0.8, 0.2], [10.0, 90.0, 20.0, 80.0]])
    result = compare.run_predictions(scores, (0.5, 50.0))
    assert result.defective.tolist() == [[False, True, True, False], [False, True, False, True]]
    assert result.disagree.tolist() == [False, False, True, True]
    assert result.distance.tolist() == [0.0, 0.0, 0.5, 0.5]


def test_a_run_agrees_with_itself_on_another_scale() -> None:
    scores = np.random.default_rng(0).random(50)
    result = compare.run_predictions(np.stack([scores, scores**2]), (0.3, 0.09))
    assert not result.disagree.any()
    assert result.distance.max() == 0


def test_verdicts_need_one_threshold_per_run() -> None:
    with pytest.raises(ValueError, match="2 runs and 1 thresholds"):
        compare.run_predictions(np.zeros((2, 3)), (0.5,))


def test_agreement_by_hand() -> None:
    labels = np.array([0, 1, 1, 0, -1])
    defective = np.array([[0, 1, 1, 1, 1], [0, 1, 0, 1, 0]], dtype=bool)
    result = compare.agreement(labels, defective)
    assert result == compare.Agreement(all_right=2, all_wrong=1, only_right=(1, 0), known=4)


def test_agreement_of_three_runs() -> None:
    labels = np.array([1, 1, 1])
    defective = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    result = compare.agreement(labels, defective)
    assert result.only_right == (1, 0, 0)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([(1.0, 4.0), (0.5, 3.0)], (0.5, 4.0)),
        ([(math.nan, math.nan), (2.0, 3.0)], (2.0, 3.0)),
        ([(math.nan, math.nan)], (0.0, 1.0)),
    ],
)
def test_common_limits(limits: list[tuple[float, float]], expected: tuple[float, float]) -> None:
    assert compare.common_limits(limits) == expected


def test_each_run_is_tested_against_the_first_and_corrected_for_how_many_there_are() -> None:
    rng = np.random.default_rng(0)
    labels = np.r_[np.zeros(30, int), np.ones(30, int), [-1]]
    scores = np.stack([labels + rng.normal(size=61) * spread for spread in (2.0, 0.3, 2.0, 1.0)])
    scores[:, -1] = np.nan  # of unknown label
    found = compare.compare_auroc(labels, scores)
    assert [(one.first, one.second) for one in found] == [(0, 1), (0, 2), (0, 3)]
    assert found[0].test == delong_test(labels[:-1], scores[0, :-1], scores[1, :-1])
    np.testing.assert_allclose([one.corrected for one in found], holm([one.test.p_value for one in found]))
    assert found[0].corrected > found[0].test.p_value
    alone = compare.compare_auroc(labels, scores[:2])
    assert alone[0].corrected == alone[0].test.p_value


def test_runs_without_a_p_value_are_not_counted_in_the_correction() -> None:
    labels, one = [0, 0, 1, 1], [1.0, 3.0, 2.0, 4.0]
    found = compare.compare_auroc(labels, [one, one, [4.0, 1.0, 2.0, 3.0]])
    assert math.isnan(found[0].corrected)
    assert found[0].test.reason
    assert found[1].corrected == found[1].test.p_value


def test_runs_on_other_images_are_refused() -> None:
    with pytest.raises(ValueError, match="expected labels"):
        compare.compare_auroc([0, 1], [[1.0, 2.0, 3.0]])
    assert compare.compare_auroc([0, 1], [[1.0, 2.0]]) == ()

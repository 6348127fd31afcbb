"""Which held-out scores are odd: distributions of which the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.model.held_out.odd import FEWEST, high_scores, odd_blanks, odd_scores


def good_scores(kind, count, seed):
    rng = np.random.default_rng(seed)
    if kind == "normal":
        return 20 + rng.normal(size=count)
    return 20 + rng.gumbel(size=count)  # as maxima are distributed: with a heavy right tail


@pytest.mark.parametrize("kind", ["normal", "gumbel"])
@pytest.mark.parametrize("count", [10, 30, 100, 400])
def test_hardly_any_clean_set_has_an_odd_score(kind, count):
    found = [odd_scores(good_scores(kind, count, seed)).any() for seed in range(100)]
    assert sum(found) <= {"normal": 3, "gumbel": 8}[kind]


@pytest.mark.parametrize("kind", ["normal", "gumbel"])
@pytest.mark.parametrize("count", [9, 30, 100])
@pytest.mark.parametrize("odd", [[58.0], [58.0, 58.0], [45.0, 58.0, 70.0]])
def test_what_stands_far_away_is_odd_however_often(kind, count, odd):
    for seed in range(20):
        scores = np.concatenate([good_scores(kind, count, seed), odd])
        order = np.random.default_rng(seed).permutation(len(scores))
        np.testing.assert_array_equal(odd_scores(scores[order]), scores[order] >= 45)


@pytest.mark.parametrize(("scores", "expected"), [
    ([10.0, 10.1, 10.2, 10.3, 10.4, 11.2], 0),  # far, but hardly above the next: it moves the threshold by 8 %
    ([10.0, 10.0, 10.0, 10.0, 10.0, 12.5], 1),  # all others alike
    ([10.0, 11.0, 12.0, 13.0, 14.0, 16.0], 0),  # well apart, but so are all
    ([10.0, 10.2, 10.4, 10.6, 30.0], 1),
    ([10.0, 10.2, 10.4, 30.0], 0),  # too few to say
    ([10.0, 10.1, 10.2, 10.3, 30.0, 30.1, 30.2], 0),  # two kinds of part
    ([], 0),
])
def test_by_hand(scores, expected):
    found = odd_scores(np.array(scores))
    assert found.sum() == expected
    assert not expected or found[np.argsort(scores)[-expected:]].all()


def test_an_odd_score_never_moves_a_threshold_far():
    """Whatever the highest score is: where it is not called odd, it is less than 1.2 times the one below."""
    for seed in range(20):
        good = good_scores("normal", 40, seed)
        for factor in np.linspace(1, 2, 30):
            top = factor * good.max()
            assert odd_scores(np.append(good, top))[-1] or factor <= 1.21


def test_scores_that_are_not_known_are_not_odd():
    scores = np.array([np.nan, 10, 10.5, 11, 10.2, 60, np.nan])
    assert odd_scores(scores).tolist() == [False] * 5 + [True, False]
    assert not odd_scores(np.full(9, np.nan)).any()


def test_a_scale_changes_nothing():
    scores = np.concatenate([good_scores("gumbel", 30, 1), [50.0]])
    np.testing.assert_array_equal(odd_scores(scores), odd_scores(1e-4 * scores))


def test_high_scores_are_at_most_a_third():
    assert high_scores(np.array([1.0, 9, 2, np.nan, 3, 8, 4])).tolist() == [1, 5]
    assert len(high_scores(np.arange(FEWEST - 1.0))) == 0


@pytest.mark.parametrize(("scores", "odd", "blank", "expected"), [
    ([10, 11, 12, 13, 13.5], [], [4], [4]),  # no gap is asked for
    ([10, 11, 12, 13, 12.5], [], [4], []),  # it moves no threshold
    ([10, 11, 12, 14, 13.5, 60], [5], [3, 4], [3, 4]),
    ([10, 11, 12, 60, 13.5], [3], [4], [4]),  # what is odd already does not hide it
    ([10, 11, 12, 13, 14], [], [2, 3, 4], []),  # photos of one colour are nothing special here
    ([10, 11, np.nan, 13, np.nan], [], [4], []),
    ([np.nan, 13], [], [], []),
    ([], [], [], []),
])
def test_blank_photos_are_odd_where_they_would_decide(scores, odd, blank, expected):
    places = np.arange(len(scores))
    found = odd_blanks(np.array(scores, float), np.isin(places, odd), np.isin(places, blank))
    assert np.flatnonzero(found).tolist() == expected

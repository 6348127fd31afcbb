"""The interval of image AUROC: its defining equation, its edges, and how often it covers the truth."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri

from patchcore_core.evaluation.metrics import image_auroc
from patchcore_core.evaluation.statistics.auroc_interval import auroc_interval, interval_ends

Z = 1.959964
DRAWS = 2000
SIZES = [(10, 10), (20, 60), (200, 100)]


def variances(labels: NDArray, scores: NDArray, at: float) -> tuple[float, float]:
    """Newcombe's and DeLong's, pair by pair."""
    good, bad = scores[labels == 0], scores[labels == 1]
    wins = (bad[:, None] > good) + 0.5 * (bad[:, None] == good)
    of_delong = wins.mean(axis=1).var(ddof=1) / len(bad) + wins.mean(axis=0).var(ddof=1) / len(good)
    area = wins.mean()
    half = max(len(good), len(bad)) - 1
    newcombe = at * (1 - at) * (1 + half * ((1 - at) / (2 - at) + at / (1 + at))) / (len(good) * len(bad))
    return newcombe, at * (1 - at) * of_delong / (area * (1 - area)) if area < 1 else 0.0


@pytest.mark.parametrize(("seed", "good", "bad", "apart"), [(0, 12, 30, 1.0), (1, 40, 8, 2.0), (2, 25, 25, 0.2)])
def test_the_ends_solve_the_equation_of_the_larger_variance(seed, good, bad, apart):
    labels = np.repeat([0, 1], (good, bad))
    scores = np.random.default_rng(seed).normal(size=good + bad).round(1) + labels * apart
    area = image_auroc(labels, scores)
    for end in auroc_interval(labels, scores):
        assert (area - end) ** 2 == pytest.approx(Z**2 * max(variances(labels, scores, end)), rel=1e-4)


def test_a_perfect_ranking_of_20_and_20_has_a_width():
    """(1 - t)^2 = z^2 t (1 - t) (1 + 19 ((1 - t) / (2 - t) + t / (1 + t))) / 400 at t = 0.8987."""
    scores = np.arange(40)
    assert auroc_interval(np.repeat([0, 1], 20), scores) == (pytest.approx(0.8987, abs=1e-4), 1.0)
    assert auroc_interval(np.repeat([1, 0], 20), scores) == (0.0, pytest.approx(0.1013, abs=1e-4))


def test_more_images_make_it_narrower():
    widths = [np.diff(auroc_interval(np.repeat([0, 1], count), np.arange(2 * count)))[0] for count in (5, 20, 80, 320)]
    assert (np.diff(widths) < 0).all()
    assert widths[-1] < 0.01


def test_one_image_of_a_class_has_none():
    assert np.isnan(auroc_interval([0, 1, 1], [1.0, 2.0, 3.0])).all()
    assert np.isnan(auroc_interval([1, 1], [2.0, 3.0])).all()


def binormal(spread: float) -> Callable[..., tuple[NDArray, NDArray]]:
    """Normal scores, those of defective images `spread` times as wide as those of good ones."""
    def drawn(generator: np.random.Generator, truth: float, good: int, bad: int) -> tuple[NDArray, NDArray]:
        apart = np.sqrt(1 + spread**2) * ndtri(truth)
        return generator.normal(size=(DRAWS, good)), apart + spread * generator.normal(size=(DRAWS, bad))

    return drawn


def exponential(generator: np.random.Generator, truth: float, good: int, bad: int) -> tuple[NDArray, NDArray]:
    """A long tail on the side away from the other class for the defective, towards it for the good."""
    ratio = truth / (1 - truth)
    return generator.exponential(size=(DRAWS, good)), ratio * generator.exponential(size=(DRAWS, bad))


def hidden(generator: np.random.Generator, truth: float, good: int, bad: int) -> tuple[NDArray, NDArray]:
    """Some defects score as good images do, all others far above."""
    invisible = generator.random((DRAWS, bad)) < 2 * (1 - truth)
    return generator.normal(size=(DRAWS, good)), generator.normal(size=(DRAWS, bad)) + 20 * ~invisible


SHAPES = {  # how scores are drawn, and the least coverage
    "binormal": (binormal(1), 0.93), "wide defects": (binormal(3), 0.93), "wide goods": (binormal(1 / 3), 0.93),
    "exponential": (exponential, 0.93),
    "hidden": (hidden, 0.91),  # one hidden defect of a hundred moves AUROC by up to .01
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("truth", [0.9, 0.99, 0.999])
@pytest.mark.parametrize(("good", "bad"), SIZES)
def test_it_covers_the_truth_at_least_as_often_as_93_in_100(shape, truth, good, bad):
    """The random numbers are fixed; 2000 draws tell a coverage of 95 % to half a percent."""
    draw, least = SHAPES[shape]
    areas, errors = areas_and_errors(*draw(np.random.default_rng(14), truth, good, bad))
    low, high = interval_ends(areas, errors, good, bad)
    assert np.mean((low <= truth) & (truth <= high)) >= least


def areas_and_errors(good: NDArray, bad: NDArray) -> tuple[NDArray, NDArray]:
    """AUROC and DeLong's variance of each draw, from ranks; there are no ties."""
    both = np.concatenate([good, bad], axis=1)
    ranks = np.argsort(np.argsort(both, axis=1), axis=1)
    own = [np.argsort(np.argsort(part, axis=1), axis=1) for part in (good, bad)]
    beaten = (ranks[:, good.shape[1]:] - own[1]) / good.shape[1]
    beating = 1 - (ranks[:, :good.shape[1]] - own[0]) / bad.shape[1]
    return beaten.mean(axis=1), sum(part.var(axis=1, ddof=1) / part.shape[1] for part in (beaten, beating))


def test_the_ranks_of_this_test_are_those_of_the_interval():
    labels = np.repeat([0, 1], (20, 60))
    good, bad = (part[:5] for part in SHAPES["binormal"][0](np.random.default_rng(3), 0.9, 20, 60))
    ends = np.transpose(interval_ends(*areas_and_errors(good, bad), 20, 60))
    for scores, expected in zip(np.concatenate([good, bad], axis=1), ends, strict=True):
        assert auroc_interval(labels, scores) == pytest.approx(expected, abs=1e-9)

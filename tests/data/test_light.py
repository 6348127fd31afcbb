"""Sets of photos that are too dark or too even are named, others are not."""

import numpy as np
import pytest

from patchcore_core.data.light import light_of, light_warnings, no_light

RANDOM = np.random.default_rng(0)


def photo(low: int, high: int) -> np.ndarray:
    return RANDOM.integers(low, high + 1, (300, 200, 3)).astype(np.uint8)


def test_light_against_sorted_pixels() -> None:
    rgb = RANDOM.gamma(2, 20, (90, 70, 3)).clip(0, 255).astype(np.uint8)
    values = np.sort(rgb.ravel())
    low, high, brightest = (values[int(np.ceil(share * len(values))) - 1] for share in (0.01, 0.99, 0.999))
    np.testing.assert_allclose(light_of(rgb) * 255, [brightest, high - low])


@pytest.mark.parametrize(("photos", "words"), [
    ([photo(0, 255)] * 3, []),
    ([photo(0, 40)] * 2 + [photo(0, 255)], ["very dark"]),
    ([photo(0, 40)] + [photo(0, 255)] * 2, []),
    ([photo(120, 126)] * 3, ["nearly uniform"]),
    ([np.zeros((5, 5, 3), np.uint8)], ["very dark", "nearly uniform"]),
    ([], []),
])  # fmt: skip
def test_what_most_photos_are_is_said(photos: list[np.ndarray], words: list[str]) -> None:
    light = np.array([light_of(rgb) for rgb in photos]) if photos else no_light()
    found = light_warnings(light)
    assert [any(word in sentence for sentence in found) for word in words] == [True] * len(words)
    assert len(found) == len(words)

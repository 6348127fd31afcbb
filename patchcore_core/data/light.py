"""How bright photos are, and sentences about sets of them that are too dark or too even to tell parts apart."""

from __future__ import annotations

import numpy as np

SAMPLE = 128  # pixels along each side that are looked at
DARK = 0.2  # of white, below which a photo's brightest thousandth is very dark
FLAT = 0.04  # of white, between the first and the last hundredth of its pixels, below which a photo is nearly even


def light_of(rgb: np.ndarray) -> np.ndarray:
    """(2,) of a photo (H, W, 3) uint8, as shares of white: the brightness that a thousandth of its values exceed, and
    the distance between that which 1 % and that which 99 % do not exceed. Up to 128 x 128 pixels are looked at."""
    rows, columns = (-(-length // SAMPLE) for length in rgb.shape[:2])
    below = np.cumsum(np.bincount(rgb[::rows, ::columns].ravel(), minlength=256))
    low, high, brightest = np.searchsorted(below, np.array([0.01, 0.99, 0.999]) * below[-1])
    return np.array([brightest, high - low]) / 255


def no_light() -> np.ndarray:
    """Of no photo yet, (0, 2)."""
    return np.empty((0, 2))


def light_warnings(light: np.ndarray) -> list[str]:
    """Sentences on training photos (N, 2) as `light_of` tells of each, where more than half are very dark or even."""
    if not len(light):
        return []
    brightest, spread = np.median(light, axis=0).tolist()
    found = []
    if brightest < DARK:
        found.append(f"the training photos are very dark: in half of them hardly a pixel is brighter than "
                     f"{brightest:.0%} of white; were they saved with more bits than the camera has, or underexposed?")
    if spread < FLAT:
        found.append(f"the training photos are nearly even: in half of them 98 % of the pixels lie within {spread:.1%} "
                     f"of white of one another, so there is little to learn from")
    return found

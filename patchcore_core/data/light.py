"""Brightness and contrast of photos, with warnings on sets that are too dark or too uniform."""

from __future__ import annotations

import numpy as np

SAMPLE = 128  # most pixels used along each side
DARK = 0.2  # fraction of white: darker photos are very dark
FLAT = 0.04  # fraction of white: photos with a smaller range are nearly uniform


def light_of(rgb: np.ndarray) -> np.ndarray:
    """(2,) of a photo (H, W, 3) uint8, as fractions of white: the brightness that 0.1 % of its values exceed, and the
    range between its 1st and 99th percentiles. At most 128 x 128 pixels are used."""
    rows, columns = (-(-length // SAMPLE) for length in rgb.shape[:2])
    below = np.cumsum(np.bincount(rgb[::rows, ::columns].ravel(), minlength=256))
    low, high, brightest = np.searchsorted(below, np.array([0.01, 0.99, 0.999]) * below[-1])
    return np.array([brightest, high - low]) / 255


def no_light() -> np.ndarray:
    """The empty array of such values, (0, 2)."""
    return np.empty((0, 2))


def light_warnings(light: np.ndarray) -> list[str]:
    """Warnings on training photos, (N, 2) as from `light_of`, if more than half are very dark or uniform."""
    if not len(light):
        return []
    brightest, spread = np.median(light, axis=0).tolist()
    found = []
    if brightest < DARK:
        found.append(f"the training photos are very dark: in half of them hardly any pixel is brighter than "
                     f"{brightest:.0%} of white; saved with more bits than the camera has, or underexposed?")
    if spread < FLAT:
        found.append(f"the training photos are nearly uniform: in half of them 98 % of the pixels lie within "
                     f"{spread:.1%} of white, so there is little to train on")
    return found

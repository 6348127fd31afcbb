"""What the viewer shows, as typed values.

Everything about places is in photo pixels, (row, column) from the top left; scores are in the run's own units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.evaluation.curve_points import LevelCounts
from patchcore_core.views.widgets.packing import packed_map
from patchcore_core.views.widgets.placing import Placing

STANDING_STEPS = 400  # rows of the table of good pixels' scores that go to the browser
Range = tuple[float, float]


@dataclass(frozen=True)
class Standing:
    """How good pixels score: `shares` (Q,) of them in [0, 1] lie below `scores` (Q,), both ascending."""

    scores: tuple[float, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, pixels: LevelCounts) -> Standing | None:
        """From a run's pixel counts by threshold; None where it has no good pixels."""
        negatives = float(pixels.negatives)
        if len(pixels.thresholds) == 0 or negatives == 0:
            return None
        shares = 1 - np.asarray(pixels.fp, float)[::-1] / negatives  # (T,) ascending
        scores = np.asarray(pixels.thresholds, float)[::-1]
        spread = np.unique(np.linspace(0, len(scores) - 1, STANDING_STEPS).astype(int))
        tail = np.searchsorted(shares, 1 - np.geomspace(1, 1 / negatives, STANDING_STEPS))
        chosen = np.unique(np.append(spread, tail.clip(0, len(scores) - 1)))
        return cls(tuple(scores[chosen].tolist()), tuple(shares[chosen].tolist()))

    def packed(self) -> bytes:
        """Scores, then shares, as little-endian float64."""
        return np.array([self.scores, self.shares], "<f8").tobytes()

    def below(self, score: float) -> float:
        """The share of good pixels that lie below this score, in [0, 1]."""
        return float(np.interp(score, self.scores, self.shares))


@dataclass(frozen=True)
class Layer:
    """One run's anomaly map of the photo.

    name: of the run, as plain text. values: (H, W) float16 or float32, finite. limits: of the colour scale, common to
    the run, low < high. span: ends of the threshold's slider, low < high. good: of the percentile under the cursor.
    peak: row and column of the highest score. least: (S, S) float32, with which score a pixel is kept in the predicted
    segmentation (evaluation.trim); None: it is not trimmed.
    """

    name: str
    values: np.ndarray
    placing: Placing
    limits: Range
    span: Range
    good: Standing | None = None
    peak: tuple[float, float] | None = None
    least: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not self.values.size:
            raise ValueError(f"an anomaly map must have rows and columns, got {self.values.shape}")
        if self.least is not None and self.least.shape != self.values.shape:
            raise ValueError(f"what is kept must have the map's shape {self.values.shape}, got {self.least.shape}")
        for name, (low, high) in (("limits", self.limits), ("span", self.span)):
            if not low < high:
                raise ValueError(f"{name} must ascend, got {low} and {high}")

    def packed(self) -> tuple[bytes, bool]:
        """`packed_map` of the map."""
        return packed_map(self.values)


@dataclass(frozen=True)
class Picture:
    """A photo with what is known of it.

    id: another id is another picture, and what is seen of it is `View.box`. name: shown as plain text. photo: encoded
    PNG, JPEG or WebP of `size` (height, width). truth: (height, width) bool or None where it is not known. layers: one
    map, or two of runs that are compared.
    """

    id: str
    name: str
    photo: bytes
    size: tuple[int, int]
    truth: np.ndarray | None
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.layers) <= 2:
            raise ValueError(f"a picture has one or two maps, got {len(self.layers)}")
        if self.truth is not None and self.truth.shape != self.size:
            raise ValueError(f"the mask must have the photo's size {self.size}, got {self.truth.shape}")

    def panes(self) -> dict[str, str]:
        """What a pane can show, and what that is called."""
        return panes_of([layer.name for layer in self.layers])


def panes_of(layers: Sequence[str]) -> dict[str, str]:
    """What a pane can show of a photo with the maps of these runs, one or two, and what that is called."""
    called = {"photo": "Photo", "truth": "Ground truth"}
    for number, name in enumerate(layers, 1):
        end = "" if number == 1 else str(number)
        of = "" if len(layers) == 1 else f" · {name}"
        called |= {f"map{end}": f"Anomaly map{of}", f"prediction{end}": f"Predicted segmentation{of}"}
    return called

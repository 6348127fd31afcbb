"""What the viewer shows and what the person at the screen chose there, as typed values.

Everything about places is in photo pixels, (row, column) from the top left; scores are in the run's own units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from pages.ui.media.packing import packed_map
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.curve_points import LevelCounts

STANDING_STEPS = 400  # rows of the table of good pixels' scores that go to the browser
Range = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Placing:
    """Where an (H, W) map lies on the photo.

    `rows` and `columns`: of the photo when resized; `top` and `left`: of the map within it; `seen`: (top, left,
    bottom, right) of the photo pixels whose centre the network saw, bottom and right exclusive.
    """

    rows: int
    columns: int
    top: int
    left: int
    seen: tuple[int, int, int, int]

    @classmethod
    def of(cls, transform: Transform, height: int, width: int) -> Placing:
        """That of this transform on a (height, width) photo; DataError where the photo is too narrow for it."""
        top, left, bottom, right = transform.box(height, width)
        rows, columns = _within(top, bottom, height), _within(left, right, width)
        return cls(*transform.grid(height, width), (rows[0], columns[0], rows[1], columns[1]))

    def peak(self, values: np.ndarray, height: int, width: int) -> tuple[float, float]:
        """Row and column on the (height, width) photo of the highest score of an (H, W) map."""
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        down, across = self.top + int(row) + 0.5, self.left + int(column) + 0.5
        return down * height / self.rows - 0.5, across * width / self.columns - 0.5


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
        called = {"photo": "Photo", "truth": "Ground truth"}
        for number, layer in enumerate(self.layers, 1):
            end = "" if number == 1 else str(number)
            of = "" if len(self.layers) == 1 else f" · {layer.name}"
            called |= {f"map{end}": f"Anomaly map{of}", f"prediction{end}": f"Predicted segmentation{of}"}
        return called


@dataclass(frozen=True)
class View:
    """What is chosen in the viewer; all of it may stand in an address.

    panes: 1 to 4 keys of `Picture.panes`. thresholds: of pixels, one for each layer, NaN predicts nothing. limits: of
    the colour scale for each layer, None = the layer's own. opacity: of the map over the photo, in [0, 1]. box: (top,
    left, bottom, right) that is zoomed to, None = the whole photo. outlines of truth and prediction, pixels coloured
    by hit, miss and false alarm (`judged`), and the mark on the highest score (`peak`).
    """

    thresholds: tuple[float, ...]
    panes: tuple[str, ...] = ("photo", "truth", "map", "prediction")
    limits: tuple[Range | None, ...] | None = None
    opacity: float = 0.7
    box: Box | None = None
    truth_outline: bool = True
    prediction_outline: bool = True
    judged: bool = True
    peak: bool = True

    def fitting(self, picture: Picture) -> View:
        """The same with as many thresholds and limits as there are layers, and only panes that there are."""
        count, known = len(picture.layers), picture.panes()
        thresholds = (*self.thresholds, *[math.nan] * count)[:count]
        limits = (*(self.limits or ()), *[None] * count)[:count]
        panes = tuple(pane for pane in self.panes if pane in known)[:4] or ("photo",)
        return replace(self, thresholds=thresholds, limits=limits, panes=panes)

    def sent(self) -> dict[str, Any]:
        """As JSON knows it: no NaN."""
        finite = [threshold if math.isfinite(threshold) else None for threshold in self.thresholds]
        return asdict(self) | {"thresholds": finite}

    def reported(self, raw: object) -> View:
        """This view with what the browser reported in place of it; what is not of the right kind is passed over."""
        if not isinstance(raw, Mapping):
            return self
        readers = {"thresholds": _thresholds, "panes": _panes, "limits": _limits, "opacity": _opacity, "box": _box}
        flags = dict.fromkeys(("truth_outline", "prediction_outline", "judged", "peak"), _flag)
        read: dict[str, Any] = {}
        for name, reader in (readers | flags).items():
            try:
                read[name] = reader(raw[name])
            except (LookupError, TypeError, ValueError, OverflowError):
                continue
        return replace(self, **read)


def _within(start: float, end: float, length: int) -> tuple[int, int]:
    """First and one past the last pixel whose centre lies between start and end."""
    centres = np.arange(length) + 0.5
    inside = np.flatnonzero((centres >= start) & (centres <= end))
    return int(inside[0]), int(inside[-1]) + 1


def _number(raw: Any) -> float:
    value = float(raw)
    if isinstance(raw, str) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {raw!r}")
    return value


def _thresholds(raw: Any) -> tuple[float, ...]:
    return tuple(math.nan if value is None else _number(value) for value in raw)


def _panes(raw: Any) -> tuple[str, ...]:
    known = ("photo", "truth", "map", "prediction", "map2", "prediction2")
    if isinstance(raw, str) or not 1 <= len(raw) <= 4 or any(pane not in known for pane in raw):
        raise ValueError(f"expected 1 to 4 panes, got {raw!r}")
    return tuple(raw)


def _limits(raw: Any) -> tuple[Range | None, ...]:
    read = []
    for pair in raw:
        low, high = (0.0, 1.0) if pair is None else (_number(pair[0]), _number(pair[1]))
        if not low < high:
            raise ValueError(f"limits must ascend, got {pair!r}")
        read.append(None if pair is None else (low, high))
    return tuple(read)


def _opacity(raw: Any) -> float:
    return min(max(_number(raw), 0.0), 1.0)


def _box(raw: Any) -> Box | None:
    if raw is None:
        return None
    top, left, bottom, right = (_number(value) for value in raw)
    if not (top < bottom and left < right):
        raise ValueError(f"expected top, left, bottom, right, got {raw!r}")
    return top, left, bottom, right


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError(f"expected true or false, got {raw!r}")
    return raw

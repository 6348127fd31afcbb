"""A photo with its anomaly map for the viewer, small enough for a file: maps lose nothing."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.evaluation.trim import Trim
from patchcore_core.views.colours import COLOURS, INFERNO

Range = tuple[float, float]
PAINT = ("hit", "miss", "false alarm", "truth", "prediction")
LEVEL = 6  # of deflating; more takes long and gains little
PANES = {"photo": "Photo", "truth": "Ground truth", "map": "Anomaly map", "prediction": "Predicted segmentation"}


@dataclass(frozen=True)
class MapScale:
    """What the maps of a run have in common: the ends of the colour scale and of the threshold's slider."""

    limits: Range
    span: Range


@dataclass
class Parts:
    """Binary parts of a file as base64, each held once and named by its place."""

    texts: list[str] = field(default_factory=list)
    _places: dict[bytes, int] = field(default_factory=dict)

    def add(self, content: bytes) -> int:
        """The place of this part."""
        place = self._places.setdefault(content, len(self.texts))
        if place == len(self.texts):
            self.texts.append(base64.b64encode(content).decode("ascii"))
        return place


@dataclass(frozen=True, eq=False)
class PackedLayer:
    """A map (H, W) and, of a trimmed segmentation, the least scores that are kept, deflated. `half`: as float16."""

    shape: tuple[int, int]
    peak: tuple[int, int]
    values: bytes
    half: bool
    least: bytes | None

    @classmethod
    def of(cls, values: NDArray[np.floating], trim: Trim | None) -> PackedLayer:
        """Of a map as a run stores it."""
        content, half = packed_map(values)
        least = None if trim is None else zlib.compress(trim.least(values).astype("<f4").tobytes(), LEVEL)
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        return cls((values.shape[0], values.shape[1]), (int(row), int(column)), content, half, least)


def picture_data(
    name: str, photo: bytes, size: tuple[int, int], truth: NDArray[np.bool_] | None, layer: PackedLayer,
    transform: Transform, scale: MapScale, parts: Parts,
) -> dict[str, Any]:
    """One image: its JPEG of `size` (height, width), truth of that size or None, and its map.

    Binary parts are put into `parts`; what `report/unpack.js` makes of them is what the viewer expects.
    """
    mask = None if truth is None else parts.add(zlib.compress(np.packbits(truth).tobytes(), LEVEL))
    return {
        "id": name, "name": name, "height": size[0], "width": size[1], "photo": parts.add(photo), "truth": mask,
        "layers": [{
            "name": "", "values": parts.add(layer.values), "half": layer.half, "shape": list(layer.shape),
            "good": None, "least": None if layer.least is None else parts.add(layer.least),
            "placing": placing(transform, *size), "limits": scale.limits, "span": scale.span,
            "peak": _peak(transform, layer.peak, *size),
        }],
    }  # fmt: skip


def viewer_data(pixel_threshold: float, channel: str, label: str) -> dict[str, Any]:
    """What the viewer is given beside the picture."""
    threshold = None if np.isnan(pixel_threshold) else pixel_threshold
    view = {"panes": ["photo", "truth", "map", "prediction"], "thresholds": [threshold], "limits": [None],
            "opacity": 0.7, "box": None, "truth_outline": True, "prediction_outline": True, "judged": True,
            "peak": True}  # fmt: skip
    return {"label": label, "view": view, "serial": 0, "panes": PANES, "trimmed": TRIMMED, "channel": channel,
            "colours": {name: COLOURS[name] for name in PAINT}, "inferno": INFERNO.tobytes().hex(), "follows": ""}


def placing(transform: Transform, height: int, width: int) -> dict[str, Any]:
    """Where the map lies on the photo, as the viewer's `Placing`; DataError where the photo is too narrow."""
    top, left, bottom, right = transform.box(height, width)
    rows, columns, above, beside = transform.grid(height, width)
    seen_rows, seen_columns = _within(top, bottom, height), _within(left, right, width)
    return {"rows": rows, "columns": columns, "top": above, "left": beside,
            "seen": [seen_rows[0], seen_columns[0], seen_rows[1], seen_columns[1]]}  # fmt: skip


def packed_map(values: NDArray[np.floating]) -> tuple[bytes, bool]:
    """A map (H, W), and whether as float16, where that loses nothing: the second differences of its bits along rows and
    columns, their signs folded, low bytes before high ones, deflated; an eighth of the map's size. Other maps as
    float32, deflated alone."""
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    if not np.array_equal(half.astype(np.float32), values.astype(np.float32)):
        return zlib.compress(values.astype("<f4").tobytes(), LEVEL), False
    bits = np.ascontiguousarray(half).view(np.uint16)
    across = np.diff(bits, axis=1, prepend=np.uint16(0))  # differences wrap around, and so do their sums
    both = np.diff(across, axis=0, prepend=np.uint16(0)).astype(np.int16)
    folded = ((both.astype(np.int32) << 1) ^ (both.astype(np.int32) >> 15)).astype(np.uint16)
    planes = (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
    return zlib.compress(planes, LEVEL), True


def _peak(transform: Transform, peak: tuple[int, int], height: int, width: int) -> list[float]:
    rows, columns, top, left = transform.grid(height, width)
    return [(top + peak[0] + 0.5) * height / rows - 0.5, (left + peak[1] + 0.5) * width / columns - 0.5]


def _within(start: float, end: float, length: int) -> tuple[int, int]:
    """First and one past the last pixel whose centre lies between start and end."""
    centres = np.arange(length) + 0.5
    inside = np.flatnonzero((centres >= start) & (centres <= end))
    return int(inside[0]), int(inside[-1]) + 1

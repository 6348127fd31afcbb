"""A photo with its anomaly map for the viewer, small enough for a file: maps lose nothing."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.trim import Trim
from patchcore_core.views.widgets.packing import TIGHT, packed_least, packed_mask, small_map
from patchcore_core.views.widgets.picture import Range
from patchcore_core.views.widgets.placing import Placing, highest


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
    """A map (H, W) and, of a trimmed segmentation, the least scores that are kept, deflated. `half`: as float16;
    `peak`: the cell with the highest score."""

    shape: tuple[int, int]
    peak: tuple[int, int]
    values: bytes
    half: bool
    least: bytes | None

    @classmethod
    def of(cls, values: NDArray[np.floating], trim: Trim | None) -> PackedLayer:
        """Of a map as a run stores it."""
        content, half = small_map(values)
        least = None if trim is None else packed_least(trim.least(values), TIGHT)
        return cls((values.shape[0], values.shape[1]), highest(values), content, half, least)


def picture_data(
    name: str, photo: bytes, size: tuple[int, int], truth: NDArray[np.bool_] | None, layer: PackedLayer,
    transform: Transform, scale: MapScale, parts: Parts,
) -> dict[str, Any]:
    """One image: its JPEG of `size` (height, width), truth of that size or None, and its map.

    Binary parts are put into `parts`; what `report/unpack.js` makes of them is what the viewer expects. DataError where
    the photo is too narrow for the transform.
    """
    placing = Placing.of(transform, *size)
    return {
        "id": name, "name": name, "height": size[0], "width": size[1], "photo": parts.add(photo),
        "truth": None if truth is None else parts.add(packed_mask(truth, TIGHT)),
        "layers": [{
            "name": "", "values": parts.add(layer.values), "half": layer.half, "shape": list(layer.shape),
            "good": None, "least": None if layer.least is None else parts.add(layer.least),
            "placing": asdict(placing), "limits": scale.limits, "span": scale.span,
            "peak": placing.on_photo(layer.peak, *size),
        }],
    }  # fmt: skip

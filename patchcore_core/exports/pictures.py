"""The pictures of one scored photo, as `score`, Inspect and Review give them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.files.own_pictures import MARK
from patchcore_core.data.transforms import transform_of
from patchcore_core.evaluation.thresholds.decision import default_rule, predicted
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.overlay import blend, cut_away, limits_without_test, png_bytes, score_limits

ENDINGS = {  # kind -> what follows the stem of the photo's name
    "map_values": "_anomaly_map.npy", "anomaly_map": "_anomaly_map.png", "overlay": "_overlay.png",
    "mask": "_mask.png",
}  # fmt: skip
PNGS = ("anomaly_map", "overlay", "mask")


@dataclass(frozen=True)
class Pictures:
    """What the files of a photo (H, W, 3) uint8 are made of: its scores (H, W) float32, NaN outside the crop, the
    predicted segmentation (H, W) bool, None without a pixel threshold, and the ends of the colour scale."""

    photo: NDArray[np.uint8]
    scores: NDArray[np.float32]
    mask: NDArray[np.bool_] | None
    limits: tuple[float, float]

    @classmethod
    def of(
        cls, run: Run, photo: NDArray[np.uint8], anomaly_map: NDArray[np.floating], pixel_threshold: float | None,
        limits: tuple[float, float] | None,
    ) -> Self:
        """Of a map (h, w) that the run's model made of the photo; limits of None are those of the map itself."""
        transform, (height, width) = transform_of(run.config, run.input_shape), photo.shape[:2]
        scores, mask = transform.to_photo(anomaly_map, height, width), None
        if pixel_threshold is not None and np.isfinite(pixel_threshold):
            kept = kept_on_photo(transform, anomaly_map, height, width, Trim.read(run.trim))
            mask = predicted(kept, pixel_threshold)
        return cls(photo, scores, mask, limits or (float(np.nanmin(scores)), float(np.nanmax(scores)) + 1e-6))

    @property
    def kinds(self) -> list[str]:
        """The kinds of files that there are, of `ENDINGS`."""
        return [kind for kind in ENDINGS if kind != "mask" or self.mask is not None]

    @property
    def defective_share(self) -> float | None:
        """The predicted segmentation's share of what was scored; None without a pixel threshold."""
        return None if self.mask is None else float(self.mask.sum() / np.isfinite(self.scores).sum())

    def file(self, kind: str) -> bytes:
        """The content of a file: scores as NPY, or a picture as PNG with our mark."""
        if kind == "map_values":
            return _npy(self.scores.astype(np.float32))
        return png_bytes(self.drawn(kind), MARK)

    def drawn(self, kind: str) -> NDArray[Any]:
        """The picture of a kind in `PNGS`, at the size of the photo."""
        if kind == "mask":
            assert self.mask is not None
            return self.mask
        if kind == "anomaly_map":
            return blend(np.zeros_like(self.photo), self.scores, *self.limits, opacity=1.0)
        return blend(cut_away(self.scores, self.photo), self.scores, *self.limits)


def colour_limits(store: RunStore, run: Run) -> tuple[float, float] | None:
    """The ends of the run's colour scale: from its test maps, without them from held-out good pixels; else None."""
    maps = None if MAPS in run.dropped else store.anomaly_maps(run)
    if maps is not None and len(maps):
        return score_limits(maps, (store.images(run)["label"] == 0).to_numpy())
    heldout, rule = store.curves(run).heldout, default_rule(run.thresholds, "pixel")
    if heldout is None or rule is None or not len(heldout.pixel_scores):
        return None
    return limits_without_test(heldout.pixel_scores, heldout.pixel_numbers, run.thresholds[rule])


def _npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()

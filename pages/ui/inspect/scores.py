"""Inspect: scoring an upload with the run's memory bank, and what its score means."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.inspect.upload import Upload
from patchcore_core.data.files.depth import photo_note
from patchcore_core.data.images import Photo, header_of, read_photo_bytes
from patchcore_core.errors import DataError
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.thresholds.prediction import Prediction, predict
from patchcore_core.evaluation.thresholds.unlike import Familiar, levels_of
from patchcore_core.model.results import Nearest
from patchcore_core.runs.maps import as_stored
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.overlay import jpeg_bytes, thumbnail

if TYPE_CHECKING:
    from patchcore_core.model.detector import Detector

NG, UNLIKE, ZONE, OK, NONE = "NG", "unlike", "review", "OK", "—"
MOST_PIXELS = 80_000_000  # of an image: about 1.6 GB while it is read
SEVERAL = "holds several images, of which the first is scored"
STATES = (NG, UNLIKE, ZONE, OK, NONE)  # in the order of the list


@dataclass(frozen=True)
class Thresholds:
    """`image` is None where there is none; `review_from`, where the review zone starts, where there is one."""

    image: float | None
    pixel: float
    review_from: float | None = None


@dataclass(frozen=True)
class Brief:
    """What is always known of a scored photo: thumbnail (data URI), size, image score, lowest and highest value of its
    map. note: why the photo does not suit the run; unlike: whether it is unlike all that the memory bank knows, None if
    that cannot be told."""

    thumbnail: str
    height: int
    width: int
    image_score: float
    pixels: tuple[float, float] = field(default=(0.0, 1.0), kw_only=True)
    note: str = field(default="", kw_only=True)
    unlike: bool | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Scored(Brief):
    """The same with its anomaly map (H, W), and per patch (h, w) its score, its nearest bank row and the distance to
    it, at the scale of model.results.ImageResult."""

    anomaly_map: np.ndarray
    patch_scores: np.ndarray
    nearest: Nearest | None


@dataclass(frozen=True)
class Item:
    """An upload and its result; `load` reads the arrays."""

    upload: Upload
    brief: Brief
    load: Callable[[], Scored]

    @classmethod
    def of(cls, upload: Upload, scored: Scored) -> Item:
        """With arrays that are in memory."""
        return cls(upload, scored, lambda: scored)

    @property
    def result(self) -> Scored:
        """The result with its arrays, read where they are not in memory."""
        return self.load()

    def state(self, thresholds: Thresholds) -> str:
        """`unlike` where no verdict is to be given, else the `state` of its score."""
        if self.brief.unlike:
            return UNLIKE
        return state(self.brief.image_score, thresholds.image, thresholds.review_from)


@dataclass(frozen=True)
class Means:
    """What photos are scored with: a run, its model, the levels of good photos, the precision of the run's maps, and
    the held-out scores of training photos by content."""

    run: Run
    model: Detector
    familiar: Familiar
    precision: np.dtype
    held_out: Mapping[str, float]

    @classmethod
    def of(cls, run: Run) -> Means:
        """Of a finished run, whose network and memory bank are loaded where they are not."""
        return cls(run, cache.loaded_model(run), *_facts(run))


def facts(run: Run, store: RunStore) -> tuple[Familiar, np.dtype, dict[str, float]]:
    """The last three of `Means`, from the files of a run."""
    held_out = {one.sha256: one.score for one in store.training_images(run) or ()}
    return Familiar.read(store.curves(run).heldout), store.map_type(run), held_out


@cache.of_run(max_entries=32)
def _facts(run: Run) -> tuple[Familiar, np.dtype, dict[str, float]]:
    return facts(run, cache.store())


def state(score: float, threshold: float | None, review_from: float | None) -> str:
    """`NG` at or above the threshold, `review` in the review zone below it, else `OK`; an em dash without threshold."""
    if threshold is None or not np.isfinite(threshold):
        return NONE
    if score >= threshold:
        return NG
    return ZONE if review_from is not None and score >= review_from else OK


def photo_of(key: str, upload: Upload, bits: int) -> np.ndarray:
    """(H, W, 3) uint8 of an upload on a run's scale, read-only; DataError where it is no image."""
    return _photo(key, upload, bits).pixels


@st.cache_resource(max_entries=2, show_spinner=False)
def _photo(key: str, _upload: Upload, bits: int) -> Photo:  # noqa: ARG001  (the key names the content)
    """The last two stay decoded."""
    photo = read_photo_bytes(_upload.data, _upload.name, bits)
    photo.pixels.flags.writeable = False
    return photo


def score(means: Means, upload: Upload) -> Scored:
    """Score one photo; DataError where it is no image that can be read. Safe in a thread: nothing is cached."""
    data = upload.data
    header = header_of(data, upload.name)
    if header.width * header.height > MOST_PIXELS:
        raise DataError(f"{upload.name}: {header.width} x {header.height} pixels are more than the "
                        f"{MOST_PIXELS // 1_000_000} million that are read here; `python -m patchcore_core score` "
                        "reads what the memory holds")  # fmt: skip
    try:
        read = read_photo_bytes(data, upload.name, means.run.bits)
        photo, result = read.pixels, means.model.score_image(read.pixels)
    except MemoryError as error:
        raise DataError(f"{upload.name}: scoring it needs more memory than is free") from error
    level = float(levels_of(result.patch_scores[None], means.run.config.squared)[0])
    small = "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(thumbnail(photo, 96))).decode("ascii")
    anomaly_map = as_stored(result.anomaly_map, means.precision)
    return Scored(
        small, photo.shape[0], photo.shape[1], result.image_score, anomaly_map, result.patch_scores, result.nearest,
        pixels=(float(anomaly_map.min()), float(anomaly_map.max())),
        note="; ".join(filter(None, (means.familiar.note(level), SEVERAL if header.several else "",
                                     _notes(means, read, upload.key)))),
        unlike=means.familiar.unlike(level),
    )  # fmt: skip


def prediction_of(run: Run, item: Item, threshold: float | None) -> Prediction:
    """The upload's score against the threshold and the run's good images."""
    return predict(item.brief.image_score, threshold, good_scores(run)[1])


def good_scores(run: Run) -> tuple[str, np.ndarray]:
    """What a score is compared with, and the scores (N,): good test images, without them the held-out good images."""
    images = cache.load_images(run)
    tested = images["image_score"][images["label"] == 0].to_numpy()
    heldout = cache.load_curves(run).heldout
    if len(tested) or heldout is None or not len(heldout.scores):
        return "good test images", tested
    return "held-out good images", heldout.scores


def sentence(prediction: Prediction, found: str = "") -> str:
    """The prediction in words: `Defective: the score 5.31 is 12 % above the threshold 4.74.`; `found`: its `state`."""
    if prediction.defective is None:
        return f"Score {prediction.score:.3f}; no threshold, so no prediction."
    word = "Defective" if prediction.defective else "In the review zone" if found == ZONE else "OK"
    side = "above" if prediction.defective else "below"
    by = f"{whole_percent(abs(prediction.margin))} {side}" if np.isfinite(prediction.margin) else side
    return f"{word}: the score {prediction.score:.3f} is {by} the threshold {prediction.threshold:.3f}."


def whole_percent(ratio: float, sign: str = "") -> str:
    """`64 %`, with its sign where `sign` is "+"; an em dash where there is no number."""
    return f"{ratio * 100:{sign}.0f} %" if np.isfinite(ratio) else "—"


def _notes(means: Means, read: Photo, key: str) -> str:
    """Why the photo does not suit the run (a training photo, bit depth, aspect ratio), "" if it does."""
    run, training = means.run, means.model.training
    fitted = Proportions.of(run.config, run.input_shape, training.aspects)
    shape = "" if fitted is None else fitted.note((read.pixels.shape[0], read.pixels.shape[1]))
    depth = photo_note(run.trained_bits, read.deep, read.clipped)
    return "; ".join(filter(None, (_training_note(means, key), depth, shape)))


def _training_note(means: Means, key: str) -> str:
    if not key or key not in means.model.training.contents:
        return ""
    held_out = means.held_out.get(key, np.nan)
    score = f"; held out, it scores {held_out:.3f}" if np.isfinite(held_out) else ""
    return f"a training photo, so its own patches are in the memory bank and its score says little{score}"

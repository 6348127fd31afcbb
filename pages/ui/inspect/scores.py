"""Inspect: score the uploads with the run's memory bank, and list the results."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.inspect.upload import Upload
from pages.ui.markdown import plain
from patchcore_core.data.files.depth import photo_note
from patchcore_core.data.images import Photo, read_photo_bytes
from patchcore_core.errors import DataError
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.thresholds.prediction import Prediction, predict
from patchcore_core.model.results import Nearest
from patchcore_core.runs.maps import as_stored
from patchcore_core.runs.store import Run
from patchcore_core.views.overlay import jpeg_bytes, thumbnail

NG, ZONE, OK, NONE = "NG", "review", "OK", "—"


@dataclass(frozen=True)
class Thresholds:
    """`image` is None where there is none; `review_from`, where the review zone starts, where there is one."""

    image: float | None
    pixel: float
    review_from: float | None = None


@dataclass(frozen=True)
class Scored:
    """The result of one photo: thumbnail (data URI), size, image score, anomaly map (H, W), and per patch (h, w) its
    score, its nearest bank row and the distance to it, at the scale of model.results.ImageResult.
    note: why the photo does not suit the run."""

    thumbnail: str
    height: int
    width: int
    image_score: float
    anomaly_map: np.ndarray
    patch_scores: np.ndarray
    nearest: Nearest | None
    note: str = ""


@dataclass(frozen=True)
class Item:
    """An upload and its result."""

    upload: Upload
    result: Scored


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


def score_all(run: Run, given: Sequence[Upload]) -> list[Item]:
    """Score the uploads one by one with a progress bar; one that is no image gets a warning instead."""
    cache.loaded_model(run)  # its own spinner: the first use of a run reads the network and the memory bank
    place, items = st.empty(), []
    for number, upload in enumerate(given):
        if (run.id, upload.key) not in _scored():
            place.progress(number / len(given), text=f"Scoring {plain(upload.title)} · {number + 1} of {len(given)}")
        try:
            items.append(Item(upload, _score(run, upload.key, upload)))
            _scored().add((run.id, upload.key))
            if note := items[-1].result.note:
                st.warning(plain(f"{upload.title}: {note}"), icon=":material/info:")
        except DataError as error:
            st.warning(plain(str(error)), icon=":material/broken_image:")
    place.empty()
    return items


def prediction_of(run: Run, item: Item, threshold: float | None) -> Prediction:
    """The upload's score against the threshold and the run's good images."""
    return predict(item.result.image_score, threshold, good_scores(run)[1])


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


@cache.of_run(max_entries=200, copied=True)
def _score(run: Run, key: str, _upload: Upload) -> Scored:
    model, read = cache.loaded_model(run), _photo(key, _upload, run.bits)
    photo = read.pixels
    result = model.score_image(photo)
    small = "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(thumbnail(photo, 96))).decode("ascii")
    return Scored(small, photo.shape[0], photo.shape[1], result.image_score,
                  as_stored(result.anomaly_map, cache.store().anomaly_maps(run).dtype),
                  result.patch_scores, result.nearest, _notes(run, read, key))


def _notes(run: Run, read: Photo, key: str) -> str:
    """Why the photo does not suit the run (a training photo, bit depth, aspect ratio), "" if it does."""
    fitted = Proportions.of(run.config, run.input_shape, cache.loaded_model(run).training.aspects)
    shape = "" if fitted is None else fitted.note((read.pixels.shape[0], read.pixels.shape[1]))
    depth = photo_note(run.trained_bits, read.deep, read.clipped)
    return "; ".join(filter(None, (_training_note(run, key), depth, shape)))


def _training_note(run: Run, key: str) -> str:
    if not key or key not in cache.loaded_model(run).training.contents:
        return ""
    held_out = {one.sha256: one.score for one in cache.store().training_images(run) or ()}.get(key, np.nan)
    score = f"; held out, it scores {held_out:.3f}" if np.isfinite(held_out) else ""
    return f"a training photo, so its own patches are in the memory bank and its score says little{score}"


def _scored() -> set[tuple[str, str]]:
    """What was scored for this visitor: cached, so it needs no progress bar."""
    scored: set[tuple[str, str]] = st.session_state.setdefault("inspect_seen", set())
    return scored

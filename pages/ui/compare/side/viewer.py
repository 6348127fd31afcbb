"""Compare: one photo, its ground truth, and the anomaly maps of all runs next to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.changed import States, files_of, photo_state, say, states
from pages.ui.compare.address import one_of
from pages.ui.components.legend import Entry
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from pages.ui.review.data import colour_limits, test_images
from pages.ui.scale import map_on_photo, scale_bar, score_text
from pages.ui.strips import columns_for, width_of
from patchcore_core.errors import DataError
from patchcore_core.evaluation.statistics.compare import common_limits
from patchcore_core.evaluation.thresholds.prediction import predict
from patchcore_core.runs.contents import CHANGED, PERHAPS
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.comparison.side_tables import LETTERS

WORDS = {
    CHANGED: "This file has changed since {}: score and map belong to the earlier photo.",
    PERHAPS: "This file is newer than {}: score and map may belong to an earlier photo.",
}  # fmt: skip
SCALES = {"common": "one colour scale", "own": "scale per run"}
OPACITY = {"over": 0.75, "alone": 1.0}
COLUMNS = {2: (4, 300), 3: (5, 230), 4: (3, 230), 5: (4, 230), 6: (4, 230)}  # runs -> columns and their least width
NARROW = min(narrowest for _, narrowest in COLUMNS.values())
TRUTH = Entry("ground-truth outline", COLOURS["truth"], False)
SHOWN_SIDE = 900  # pixels of the longer side; Review shows a photo at its original size


@dataclass(frozen=True)
class Subject:
    """One photo as it is shown: pixels (h, w, 3), truth (h, w) or None, and a sentence where there is none."""

    photo: np.ndarray
    truth: np.ndarray | None
    note: str


def viewer(runs: Sequence[Run], places: np.ndarray, name: str, thresholds: Sequence[float]) -> None:
    """Photo | ground truth | one anomaly map per run; `places` (R,) is where the photo stands in each run."""
    rows = [test_images(run).iloc[int(place)] for run, place in zip(runs, places, strict=True)]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**{plain(name)}** · {plain(rows[0]['defect_type'] or 'unknown type')}", width="stretch")
        layer = one_of("Layer", "layer", {"over": "map over the photo", "alone": "map alone"}, buttons=True)
        scale = one_of("Colour scale", "scale", SCALES, buttons=True)
    try:
        subject = _subject(runs[0], rows)
    except DataError as error:
        st.error(f"The photo cannot be shown. {plain(str(error))}", icon=":material/broken_image:")
        return
    _say_what_changed(runs, rows)
    limits = [colour_limits(run) for run in runs]
    if scale == "common":
        limits = [common_limits(limits)] * len(runs)
        scale_bar(*limits[0], key="compare_scale_bar", entries=[TRUTH])
        if len({run.config.distance for run in runs}) > 1:
            st.caption("Some of these runs use squared distances, hence far larger scores; use *scale per run*.")
    _pictures(runs, rows, subject, limits, thresholds, OPACITY[layer], own=scale == "own")


def _say_what_changed(runs: Sequence[Run], rows: Sequence[pd.Series]) -> None:
    """Warn if the photo, shown as its file is now, is not the one that a run has scored."""
    found = {letter: photo_state(run, rows[0]["path"], row["sha256"])
             for letter, run, row in zip(LETTERS, runs, rows, strict=False)}
    for state, words in WORDS.items():
        letters = [letter for letter, of_run in found.items() if of_run == state]
        if letters:
            which = f"run {letters[0]}" if len(letters) == 1 else f"runs {', '.join(letters)}"
            st.warning(words.format(which), icon=":material/difference:")
    say(States(masks=states(runs[0], files_of(rows[0])).masks))


def _pictures(runs: Sequence[Run], rows: Sequence[pd.Series], subject: Subject, limits: Sequence[tuple[float, float]],
              thresholds: Sequence[float], opacity: float, own: bool) -> None:
    columns, narrowest = columns_for((subject.photo.shape[0], subject.photo.shape[1]), *COLUMNS[len(runs)])
    with st.grid(columns, min_column_width=narrowest, gap="small") as grid:
        with grid.cell():
            _picture("Photo", subject.photo, "photo")
        with grid.cell():
            _truth(subject)
        for letter, run, row, ends, threshold in zip(LETTERS, runs, rows, limits, thresholds, strict=False):
            with grid.cell():
                _map(letter, run, row, subject, ends, threshold, opacity)
                link_to("review", "In Review", icon=":material/troubleshoot:", run=run.id, image=row["name"])
                if own:
                    st.caption(f"scale from {score_text(ends[0])} to {score_text(ends[1])}")


def _map(letter: str, run: Run, row: pd.Series, subject: Subject, ends: tuple[float, float], threshold: float,
         opacity: float) -> None:
    stored = cache.anomaly_map(run, int(row["map_index"]))
    anomaly_map = map_on_photo(run, stored, *subject.photo.shape[:2])
    ground = subject.photo if opacity < 1 else np.zeros_like(subject.photo)
    picture = overlay.blend(ground, anomaly_map, *ends, opacity)
    if opacity < 1:
        picture = overlay.cut_away(anomaly_map, picture)
    _picture(f"{letter} · {_prediction(row, threshold)}", overlay.draw_outlines(picture, subject.truth, None),
             f"anomaly map of run {letter}")


def _prediction(row: pd.Series, threshold: float) -> str:
    prediction = predict(float(row["image_score"]), threshold, np.zeros(0))
    if prediction.defective is None:
        return f"score {prediction.score:.3f}"
    word, sign = ("defective", "≥") if prediction.defective else ("good", "<")
    return f"{word} ({prediction.score:.3f} {sign} {prediction.threshold:.3f})"


def _truth(subject: Subject) -> None:
    if subject.truth is None:
        st.caption("Ground truth")
        st.caption(subject.note)
        return
    _picture("Ground truth", overlay.paste(subject.photo, overlay.truth_layer(subject.truth), 0.8), "ground truth")


def _picture(title: str, picture: np.ndarray, alt: str) -> None:
    st.caption(title)
    width = width_of((picture.shape[0], picture.shape[1]), NARROW)
    st.image(overlay.screen_bytes(picture), width=width, alt=alt)


def _subject(run: Run, rows: Sequence[pd.Series]) -> Subject:
    """The photo and its mask from the first run, shrunk alike for the screen."""
    row = rows[0]
    photo = cache.photo(row["path"], run.bits)
    small = overlay.thumbnail(photo, SHOWN_SIDE)
    if not row["mask_paths"]:
        note = {0: "Good image: no defect.", 1: "This image has no mask."}
        return Subject(small, None, note.get(int(row["label"]), "This image has no label."))
    try:
        mask = cache.truth(run, row).defect
    except DataError as error:
        return Subject(small, None, plain(str(error)))
    shrunk = overlay.thumbnail(mask.astype(np.uint8) * 255, SHOWN_SIDE) >= 128
    return Subject(small, shrunk, "")

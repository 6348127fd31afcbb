"""Review: one image in the viewer, with its outcome in words."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.changed import say
from pages.ui.components.steps import steps
from pages.ui.components.viewer import look_ahead, pixel, reported, viewer
from pages.ui.components.viewer_data import View
from pages.ui.format import number, run_label
from pages.ui.review import address, data
from pages.ui.review import gallery as review_gallery
from pages.ui.review.thresholds.controls import threshold_value
from pages.ui.review.thresholds.operating import PIXELS, Decision
from pages.ui.review.verdicts.verdicts import BUTTONS
from pages.ui.review.viewer import image_data as review_image
from pages.ui.review.viewer import view as review_view
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.evaluation.thresholds.prediction import predict
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import neighbours
from patchcore_core.views.text import score_text

KEY = review_gallery.VIEWER
BESIDE, BESIDE_THRESHOLD = "beside", "beside_threshold"  # parameters: another run, and its pixel threshold
WORDS = {
    "TP": "True positive",
    "FN": "Missed defect (FN)",
    "FP": "False alarm (FP)",
    "TN": "True negative",
}


def title(images: pd.DataFrame, order: list[int], index: int) -> None:
    """Previous, next, and the name of the image in this row; `order`: the rows that are listed."""
    before, after = neighbours(order, index)
    row = images.iloc[index]
    with st.container(horizontal=True, vertical_alignment="center"):
        steps(review_gallery.KEY, KEY, before=before is not None, after=after is not None,
              held=BUTTONS, key="review_steps")
        st.text(f"{row['name']}   {row['width']} x {row['height']} pixels")


def following(order: list[int], index: int) -> int | None:
    """The row after this one in the list, None at its end."""
    return neighbours(order, index)[1]


def outcome(run: Run, images: pd.DataFrame, index: int, decision: Decision) -> None:
    """One line: outcome, score, its rank among the good test images, and pixel IoU."""
    row, threshold = images.iloc[index], decision.point.value
    good = images["image_score"][images["label"] == 0].to_numpy()
    prediction = predict(float(row["image_score"]), threshold, good)
    called = "defective" if prediction.defective else "good"
    words = WORDS.get(row["outcome"], f"Predicted {called}, label unknown")
    standing = ("no good test images to compare with" if math.isnan(prediction.above_good)
                else _above_good(prediction.above_good))
    shown = review_image.image_data(run, index)
    iou = shown.iou(decision.pixel.value)
    then = "" if shown.changed.photo != CHANGED else "For the photo that was scored: "
    st.markdown(f"{then}**{words}.** Score **{score_text(prediction.score)}** (threshold {score_text(threshold)}), "
                f"{standing} · pixel IoU **{number(iou)}**",
                help="Pixel IoU: intersection over union of predicted segmentation and ground truth. Undefined (—) "
                     "where both are empty, there is no ground truth, or the mask has changed since the run."
                     f"{f' Predicted segmentation: {TRIMMED}' if run.trim else ''}")


def _above_good(share: float) -> str:
    return "above all good test images" if share == 1 else f"above {share:.0%} of good test images"


def changes(run: Run, index: int) -> None:
    """Warn if photo or mask have changed since the run."""
    say(review_image.image_data(run, index).changed)


def panes(run: Run, index: int, decision: Decision) -> None:
    """The viewer, and below it notes on what it cannot show."""
    other = _beside(run)
    picture = review_image.picture(run, index, other)
    view = review_view.in_address(_thresholds(decision, other))
    if len(picture.layers) == 2 and "panes" not in st.query_params:
        view = View(view.thresholds, ("photo", "truth", "map", "map2"))
    viewer(picture, view, key=KEY, label="Viewer", follows=PIXELS,
           on_view=lambda: _viewed(decision.pixel_named, view), on_pixel=lambda: _clicked(picture.id))
    for note in review_image.image_data(run, index).notes:
        st.text(note)
    if other is None and BESIDE in st.query_params:
        st.caption("The second run is not in this store, or not finished; it may have been deleted.")
    if other is not None and len(picture.layers) == 1:
        st.caption("The second run has no map of this photo.")
    clicked, place = st.session_state.get("review_pixel", ("", None))
    if clicked == picture.id and place is not None:
        st.caption(review_image.pixel_words(run, index, *place))


def ahead(run: Run, images: pd.DataFrame, order: list[int], index: int) -> None:
    """Preload the next and the previous image of the list in the browser."""
    before, after = neighbours(order, index)
    pictures = [review_image.picture(run, place, _beside(run)) for place in (after, before) if place is not None]
    look_ahead(str(images.at[index, "name"]), pictures, key=KEY)


def beside(run: Run) -> None:
    """Draw the choice of a second run, whose map of the same photo is shown too."""
    others = [each for each in cache.load_runs()
              if each.status == "finished" and each.id != run.id and each.category == run.category]
    if not others and BESIDE not in st.query_params:
        return
    known = {each.id: each for each in others}
    key = f"review_{BESIDE}"
    wanted = st.query_params.get(BESIDE)
    st.session_state[key] = wanted if wanted in known else None
    st.selectbox("Second run's map", list(known), index=None, key=key, placeholder="None",
                 format_func=lambda name: run_label(known[name]), on_change=_choose_beside, args=(key,))


def _beside(run: Run) -> Run | None:
    wanted = st.query_params.get(BESIDE)
    if not wanted or wanted == run.id:
        return None
    try:
        other = cache.load_run(wanted)
    except StoreError:
        return None
    return other if other.status == "finished" else None


def _thresholds(decision: Decision, other: Run | None) -> tuple[float, ...]:
    if other is None:
        return (decision.pixel.value,)
    spread = np.append(cache.load_curves(other).pixel.thresholds, data.colour_limits(other))
    return decision.pixel.value, threshold_value(BESIDE_THRESHOLD, of_level(other.thresholds, "pixel"), spread)


def _viewed(named: Mapping[str, float], view: View) -> None:
    """Write what was changed in the viewer into the address, and its thresholds to the whole page."""
    seen = reported(KEY, view)
    review_view.keep(seen)
    for parameter, names, before, now in zip(("pixel_threshold", BESIDE_THRESHOLD), (named, {}), view.thresholds,
                                             seen.thresholds, strict=False):
        if now != before and math.isfinite(now):
            address.set_threshold(parameter, names, now)
            address.ask_redraw()


def _clicked(image: str) -> None:
    st.session_state["review_pixel"] = image, pixel(KEY)


def _choose_beside(key: str) -> None:
    if st.session_state[key]:
        address.set_parameter(BESIDE, st.session_state[key])
    else:
        address.forget(BESIDE)
    for parameter in (BESIDE_THRESHOLD, "panes"):
        address.forget(parameter)

"""Review, lower part: one image as photo, ground truth, anomaly map and predicted segmentation."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui import review_data as data
from pages.ui import review_gallery as gallery
from pages.ui.components.legend import ColourBar, Entry, legend
from pages.ui.format import number
from pages.ui.review_gallery import Display
from pages.ui.review_pictures import PANES, Pictures
from pages.ui.review_pictures import pictures as pictures_of
from pages.ui.review_thresholds import pixel_thresholds, threshold_control
from patchcore_core.evaluation.verdict import judge
from patchcore_core.runs.store import Run
from patchcore_core.views.colours import COLOURS, INFERNO
from patchcore_core.views.overlay import shown_width
from patchcore_core.views.plots import score_text
from patchcore_core.views.ranking import neighbours

TITLES = {"photo": "Photo", "truth": "Ground truth", "map": "Anomaly map", "prediction": "Predicted segmentation"}
INFERNO_CSS = [f"rgb({red} {green} {blue})" for red, green, blue in INFERNO[::15].tolist()]
STREAMLIT_SHRINKS_ABOVE = 1460  # pixels of width; wider pictures keep theirs only when it is named
WORDS = {
    "TP": "Hit: it is defective and is called so",
    "FN": "Miss: it is defective but is called good",
    "FP": "False alarm: it is good but is called defective",
    "TN": "Correctly good: it is good and is called so",
}


def viewer(run: Run, images: pd.DataFrame, listed: pd.DataFrame, index: int, threshold: float,
           display: Display) -> float:
    """The image in this row: its verdict, its four panes and the pixel threshold, which is returned."""
    _title(images, listed, index)
    verdict, panes = st.container(), st.container()
    pixel_threshold = _pixel_threshold(run)
    pictures = pictures_of(run, index, pixel_threshold, display.opacity, display.outlines)
    with verdict:
        _verdict(images.iloc[index], images, threshold, pictures.iou)
    with panes:
        _panes(pictures, str(images.at[index, "name"]))
        _legend(run, pixel_threshold, display.outlines, "truth" in pictures.panes)
        for note in pictures.notes:
            st.text(note)
    return pixel_threshold


def _panes(pictures: Pictures, name: str) -> None:
    room: int | Literal["stretch"] = shown_width(*pictures.size) or "stretch"
    width: int | Literal["stretch"] = pictures.size[1] if pictures.size[1] > STREAMLIT_SHRINKS_ABOVE else "stretch"
    with st.grid(4, min_column_width=220, gap="small") as grid:
        for pane in PANES:
            with grid.cell():
                st.markdown(f"**{TITLES[pane]}**")
                if pane in pictures.panes:
                    with st.container(width=room):
                        st.image(pictures.panes[pane], width=width, alt=f"{TITLES[pane]} of {name}")
                else:
                    st.caption("Not known for this image.")


def _pixel_threshold(run: Run) -> float:
    scores = np.append(cache.load_curves(run).get("pixel_thresholds", []), data.colour_limits(run))
    return threshold_control("pixel_threshold", "Pixel threshold", pixel_thresholds(run.thresholds), scores)


def _title(images: pd.DataFrame, listed: pd.DataFrame, index: int) -> None:
    order = listed.index.tolist()
    before, after = neighbours(order, index)
    row = images.iloc[index]
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, icon, key, target in (("Previous", ":material/chevron_left:", "P", before),
                                         ("Next", ":material/chevron_right:", "N", after)):
            place = None if target is None else (images.at[target, "name"], order.index(target))
            st.button(label, icon=icon, shortcut=key, disabled=place is None, key=f"review_{label}",
                      on_click=gallery.go_to, args=place or ("", 0))
        st.text(f"{row['name']}   {row['width']} x {row['height']} pixels")


def _verdict(row: pd.Series, images: pd.DataFrame, threshold: float, iou: float) -> None:
    """One line: the outcome in words, the score and its standing, and how well the pixels agree."""
    good = images["image_score"][images["label"] == 0].to_numpy()
    verdict = judge(float(row["image_score"]), threshold, good)
    called = "defective" if verdict.defective else "good"
    words = WORDS.get(row["outcome"], f"Called {called}; what it is, is not known")
    standing = ("there are no good test images to compare with" if math.isnan(verdict.above_good)
                else f"above {verdict.above_good:.0%} of the good test images")
    st.markdown(f"**{words}.** Score **{score_text(verdict.score)}** (threshold {score_text(threshold)}), {standing} · "
                f"pixel IoU **{number(iou)}**",
                help="Pixel IoU: the pixels common to the predicted and the true defect, as a share of the pixels in "
                     "either. It is — where no pixel is predicted or true, or the truth is not known.")


def _legend(run: Run, pixel_threshold: float, outlines: bool, judged: bool) -> None:
    low, high = data.colour_limits(run)
    tick = data.place_on_scale(run, pixel_threshold)
    scale = ColourBar("Anomaly score", score_text(low), score_text(high), INFERNO_CSS, tick)
    painted = ("hit", "miss", "false alarm") if judged else ("prediction",)
    drawn = ("truth", "prediction") if judged else ("prediction",)
    entries = [Entry(name, COLOURS[name]) for name in painted]
    if outlines:
        entries += [Entry(f"outline of the {name}", COLOURS[name], filled=False) for name in drawn]
    legend(entries, scale, key="review_legend")

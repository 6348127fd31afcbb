"""The tally below two operating points, of images and of pixels, with made-up images and regions.

In the address: `n` images, `types` of defect, `labels` (none, good), `regions` (none, old), `zone` (a review zone).
What Python has been told stands in the element of the key `told`, as JSON.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import streamlit as st

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.views.widgets.histograms import Counts, Scores
from patchcore_core.views.widgets.tally import Regions
from tests.browser.components.faces.operating_point import operating_point
from tests.browser.components.faces.tally import Chosen, tally

HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** " + "ü" * 300


@st.cache_data
def images(number: int, types: int) -> pd.DataFrame:
    """Made-up images: `label`, `score`, `kind`; a third defective, a twentieth unlabelled; some scores are NaN."""
    random = np.random.default_rng(1)
    label = random.choice([0, 1, -1], number, p=[0.6, 0.35, 0.05])
    score = np.where(label == 1, random.normal(2.6, 0.8, number), random.normal(1, 0.4, number)).round(2)
    score[random.integers(0, number, 3)] = np.nan
    names = ["scratch", HOSTILE, *(f"type {place:02}" for place in range(types - 2))]
    kind = np.where(label == 1, random.choice(names, number), np.where(label == 0, "good", ""))
    return pd.DataFrame({"label": label, "score": score, "kind": kind})


@st.cache_data
def regions_of(number: int = 400) -> RegionTable:
    """A made-up table of regions, as `region_table` makes it; no overlap, which nothing here reads."""
    random = np.random.default_rng(2)
    area = np.sort(random.integers(4, 9000, number))
    scores_at = -np.sort(-random.normal(1.5 + area[:, None] / 9000, 0.6, (number, 10)), axis=1)
    peak = scores_at[:, 0] + random.exponential(0.2, number)
    image, size_class = random.integers(0, 90, number), np.arange(number) * 4 // number if number else area
    return RegionTable(image, area, size_class, peak, np.full(number, np.nan), scores_at)


def toggled(what: str, which: object) -> None:
    """Keep what was chosen, and all there is to choose again."""
    chosen = st.session_state.setdefault("chosen", [])
    (chosen.remove if (what, which) in chosen else chosen.append)((what, which))
    st.session_state["choices"] = st.session_state.get("choices", 0) + 1


def moved(name: str, low: float, high: float) -> None:
    st.session_state[name] = (low, high)


st.set_page_config(layout="wide")
asked = st.query_params
table = images(int(asked.get("n", 300)), int(asked.get("types", 4)))
if asked.get("labels") == "none":
    table = table.assign(label=-1, kind="")
elif asked.get("labels") == "good":
    table = table[table["label"] == 0].reset_index(drop=True)
low, high = st.session_state.setdefault("point", (1.2, 1.7) if "zone" in asked else (1.7, 1.7))
_, pixel = st.session_state.setdefault("pixel", (2.0, 2.0))
REGIONS = {"old": None, "none": regions_of(0)}
regions = Regions.of(REGIONS.get(asked.get("regions"), regions_of()))
picked = st.session_state.setdefault("chosen", [])
chosen = Chosen(*(tuple(which for what, which in picked if what == kind) for kind in ("outcome", "defect", "size")))
tally(table["score"], table["label"], table["kind"].tolist(), key="tally_drawn", label="What the thresholds find",
      thresholds=(low, high), follows="images", regions=regions, pixel_threshold=pixel, follows_pixels="pixels",
      chosen=chosen, on_choose=toggled)
with st.container(key="images_point"):
    operating_point(Scores(table["score"], table["label"]), low, high, key="images", label="Image threshold",
                    on_release=lambda low, high: moved("point", low, high))
with st.container(key="pixels_point"):
    edges = np.linspace(0, 6, 241)
    good, bad = (np.histogram(table["score"][table["label"] == one], edges)[0] * 997 for one in (0, 1))
    operating_point(Counts(edges, good, bad), pixel, pixel, key="pixels", label="Pixel threshold", unit="pixels",
                    log_counts=True, zone=False, on_release=lambda low, high: moved("pixel", low, high))
told = {name: st.session_state.get(name) for name in ("point", "pixel", "chosen", "choices")}
with st.container(key="told"):
    st.text(json.dumps(told))

"""The curves on a page of their own, below an operating point of each level, from made-up scores.

`?case=good` has no defective images. What Python has been told stands in the element of the key `told`, as JSON.
"""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from patchcore_core.evaluation.curve_points import Curves, LevelCounts, ProCurve
from patchcore_core.views.curve import run_curves
from patchcore_core.views.widgets.curves import run_panels
from patchcore_core.views.widgets.histograms import Scores
from tests.browser.components.faces.curves import curves
from tests.browser.components.faces.operating_point import operating_point

REASON = "no test image is <b>defective</b>"


def scores() -> tuple[np.ndarray, np.ndarray]:
    """Made-up labels (N,) and scores (N,) with ties."""
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], [120, 60])
    return labels, np.round(random.normal(10 + 2 * labels, 1.2), 1)


def stored(good_only: bool = False) -> Curves:
    """As in a run's curves.npz; pixels have the scores of the images, and their overlap rises with the rate."""
    labels, values = scores()
    if good_only:
        labels = np.zeros_like(labels)
    thresholds = np.unique(values)[::-1]
    tp, fp = (np.array([((values >= threshold) & (labels == label)).sum() for threshold in thresholds])
              for label in (1, 0))
    level = LevelCounts(thresholds, tp, fp, int((labels == 1).sum()), int((labels == 0).sum()))
    if good_only:
        return Curves(level, level)
    rate = fp / max(1, (labels == 0).sum())
    pro = ProCurve(np.append(0, rate), np.append(0, np.sqrt(rate)), np.append(np.inf, thresholds))
    return Curves(level, level, pro)


def _page() -> None:
    state = st.session_state
    labels, values = scores()
    for level in ("image", "pixel"):
        state.setdefault(level, 12.0)
        operating_point(Scores(values, labels), state[level], state[level], key=f"point_{level}", label=level,
                        on_release=lambda _, high, level=level: state.update({level: high}))
    reasons = dict.fromkeys(("image_auroc", "image_average_precision", "pixel_auroc", "aupro"), REASON)
    panels = run_panels(run_curves(stored(st.query_params.get("case") == "good")), reasons)
    curves(panels, key="curves", label="Curves", thresholds={level: state[level] for level in ("image", "pixel")},
           follows={level: f"point_{level}" for level in ("image", "pixel")},
           on_choose=lambda level, threshold: state.update({level: threshold}))
    with st.container(key="told"):
        st.code(json.dumps({level: state[level] for level in ("image", "pixel")}), language="json")


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    _page()

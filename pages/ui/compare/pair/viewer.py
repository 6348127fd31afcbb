"""Compare: one image with the anomaly maps of two runs on one colour scale, in Review's viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui.compare.address import one_of
from pages.ui.components.viewer import reported, viewer
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from pages.ui.review.data import colour_limits, test_images
from pages.ui.review.image_data import image_data, picture
from patchcore_core.evaluation.statistics.compare import common_limits
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets.view import View

KEY = "compare_viewer"
_VIEW = "compare_pair_seen"  # in the session: of which image and runs, and how it was seen
SCALES = {"common": "one colour scale", "own": "scale per run"}
PANES = ("photo", "truth", "map", "map2")


def draw(runs: Sequence[Run], names: Sequence[str], places: np.ndarray, name: str) -> None:
    """names of the two runs; places (2,): the row of the image in each run's table; its name."""
    here = image_data(runs[0], int(places[0]))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**{plain(name)}** · {plain(_kind(runs[0], int(places[0])))}", width="stretch")
        scale = one_of("Colour scale", "scale", SCALES, buttons=True)
        link_to("review", "In Review, with both maps", icon=":material/troubleshoot:", run=runs[0].id, image=name,
                beside=runs[1].id)
    for note in here.notes:
        st.caption(plain(note))
    for sentence in here.changed.sentences:
        st.warning(plain(sentence), icon=":material/difference:")
    shown = picture(runs[0], int(places[0]), runs[1])
    layers = [replace(layer, name=run) for layer, run in zip(shown.layers, names, strict=False)]
    shown = replace(shown, layers=tuple(layers))
    limits = [colour_limits(run) for run in runs]
    if scale == "common":
        limits = [common_limits(limits)] * 2
        if len({run.config.distance for run in runs}) > 1:
            st.caption("One of these runs uses squared distances, hence far larger scores; use *scale per run*.")
    of = f"{shown.id} {runs[1].id}"
    before, view = st.session_state.get(_VIEW, ("", View((), PANES)))
    thresholds = tuple(run.thresholds.get(default_rule(run.thresholds, "pixel") or "", float("nan")) for run in runs)
    view = replace(view, limits=tuple(limits), box=view.box if before == of else None, thresholds=thresholds)
    viewer(shown, view, key=KEY, label="Both anomaly maps", on_view=lambda: _viewed(of, view), on_pixel=lambda: None)


def _viewed(of: str, view: View) -> None:
    st.session_state[_VIEW] = of, reported(KEY, view)


def _kind(run: Run, place: int) -> str:
    return str(test_images(run).iloc[place]["defect_type"] or "unknown type")

"""Compare: A's scores against B's, and the boxes that are drawn there; they stand in the address."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui.charts import chart
from pages.ui.compare.predicted import PredictedPhotos
from patchcore_core.views.compare_plots import score_against_score
from patchcore_core.views.comparison.score_box import Box, between, inside, read_boxes

NAME = "box"  # in the address, once for each box
KEY = "compare_scores"


def draw(photos: PredictedPhotos, names: Sequence[str], thresholds: Sequence[float]) -> np.ndarray | None:
    """The images in the boxes (N,), None without a box."""
    wanted, boxes = st.query_params.get("image"), read_boxes(st.query_params.get_all(NAME))
    index = photos.names.index(wanted) if wanted in photos.names else None
    figure = score_against_score(photos.scores, (thresholds[0], thresholds[1]), photos.labels, photos.names,
                                 (names[0], names[1]), index, boxes)
    chart(figure, key=KEY, on_box=_drawn,
          alt="Scores of A against those of B; the predictions differ in the shaded corners")
    if not boxes:
        st.caption("Drag over points to list only these images.")
        return None
    found = inside(boxes, photos.scores)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{int(found.sum())} of {len(photos.names)} images lie in the "
                   f"{'box' if len(boxes) == 1 else f'{len(boxes)} boxes'}.", width="content")
        st.button("Take the box away", icon=":material/deselect:", on_click=_to_address, args=([],))
    return found


def _drawn() -> None:
    """Put what was drawn into the address; a double click takes it away."""
    _to_address([between(one["x"], one["y"]) for one in st.session_state[KEY]["selection"]["box"]])


def _to_address(boxes: Sequence[Box]) -> None:
    st.query_params[NAME] = [box.text for box in boxes]
    if not boxes:
        st.query_params.pop(NAME, None)

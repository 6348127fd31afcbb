"""Review: the run's figures without the images that reviewers marked as label wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.states import stage_text
from patchcore_core.fitting.without import Without, figures_without
from patchcore_core.reviews.verdicts import Entry, label_wrong
from patchcore_core.runs.record import Run

PARAMETER, VALUE = "without", "label_wrong"
KEY = "review_without"
KEPT = 24  # recomputed figures, for all visitors


@dataclass(frozen=True)
class Figures:
    """`run` is the run with recomputed metrics, reasons, intervals and recalls; `sentence` says what they are of."""

    run: Run
    sentence: str

    @property
    def metrics(self) -> dict[str, float]:
        """To show in place of the run's."""
        return self.run.metrics


def toggle(run: Run, images: pd.DataFrame, verdicts: Mapping[int, Entry]) -> NDArray[np.bool_] | None:  # noqa: ARG001
    """Whether to leave out the images marked as label wrong, in the address as `without=label_wrong`.

    Returns which of the images (N,) to leave out, None for none; nothing is drawn where no image is marked so.
    """
    wrong = label_wrong(dict(verdicts), len(images))
    count = int(wrong.sum())
    if not count:
        return None
    st.session_state[KEY] = st.query_params.get(PARAMETER) == VALUE
    chosen = st.toggle(
        f"{count} wrong {'label' if count == 1 else 'labels'} excluded", key=KEY, on_change=_to_address,
        help="Recomputes the figures without the images marked *label wrong*. Nothing is scored again, and the run "
             "keeps its figures.",
    )  # fmt: skip
    return wrong if chosen else None


def figures(run: Run, images: pd.DataFrame, left_out: NDArray[np.bool_]) -> Figures:
    """The run's figures without these images (N,), with a progress bar where they have to be computed.

    Raises StoreError where the run's maps cannot be read.
    """
    root = str(cache.store().root)
    key = (root, run.id, run.updated_at, np.packbits(left_out).tobytes())
    known = _known()
    found = known.get(key)
    if found is None:
        found = _computed(run, left_out)
        known[key] = found
        while len(known) > KEPT:
            known.pop(next(iter(known)), None)
    return Figures(found.run, _sentence(found, len(images)))


@st.cache_resource(show_spinner=False)
def _known() -> dict[tuple[str, str, str, bytes], Without]:
    """What was computed since the server started, oldest first. A cached function could draw no progress."""
    return {}


def _computed(run: Run, left_out: NDArray[np.bool_]) -> Without:
    bar = st.progress(0.0, text="recomputing the figures")

    def progress(stage: str, done: int, total: int) -> None:
        share, words = stage_text(stage, done, total)
        bar.progress(share, text=f"recomputing the figures: {words}")

    try:
        return figures_without(cache.store(), run, left_out, cache.read_masks, progress)
    finally:
        bar.empty()


def _sentence(found: Without, total: int) -> str:
    words = (f"Figures on {total - found.left_out} of {total} test images: {found.left_out} wrong "
             f"{'label' if found.left_out == 1 else 'labels'} excluded.")
    if found.unread:
        masks = "mask is" if found.unread == 1 else "masks are"
        words += f" {found.unread} {masks} unreadable or changed since the run, and not in the pixel figures."
    return words


def _to_address() -> None:
    if st.session_state[KEY]:
        st.query_params[PARAMETER] = VALUE
    else:
        st.query_params.pop(PARAMETER, None)

"""Warnings about a run's data and figures: their number in the header opens the list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.fit.exclude import odd_photos
from pages.ui.format import count_of_warnings, fit_warnings
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.runs.store import Run

MOST = 60  # sentences of the fit in the list
WIDE = 460  # pixels


def opened_by_count(run: Run, key: str, found: Sequence[Badge] | None = None) -> None:
    """The number of warnings as a popover with their list: those of the badges (`found` at a threshold, else the run's)
    and those of the fit. Draws nothing if there are none."""
    badges = run.badges if found is None else found
    warned = [f"- **{plain(one.label)}** · {plain(one.sentence)}" for one in badges if one.level == "warning"]
    told = fit_warnings(run)
    count = len(warned) + len(told)
    if not count:
        return
    with st.popover(f":orange[**{count_of_warnings(count)}**]", icon=":material/warning:", key=key, width="content"), \
            st.container(width=WIDE):
        if warned:
            st.markdown("\n".join(warned))
        for sentence in told[:MOST]:
            st.text(sentence)
        if len(told) > MOST:
            st.caption(f"The first {MOST} of {len(told)}; all are in run.json.")
        if odd := odd_photos(run):
            link_to("training_photos", "Look at the training photos", icon=":material/image_search:", run=run.id)
            link_to("fit", "Fit again without the odd photo" + "s" * (len(odd) > 1), icon=":material/hide_image:",
                    path=run.dataset, exclude=list(dict.fromkeys([*run.excluded, *odd])))  # fmt: skip

"""Training photos: which of the good ones may not be good, why, and a fit without them."""

from __future__ import annotations

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.pickers import run_picker
from pages.ui.states import errors_in_place
from pages.ui.training_photos import evidence, excluding, listed


def main() -> None:
    """The whole page."""
    page_header("Training photos", "Good photos ranked by how little they resemble the others; exclude those that are "
                "not good.")
    run = run_picker(key="training_run", forget=("photo", *excluding.FORGET))
    with errors_in_place(run):
        photos = listed.scored(run)
    if photos is None:
        return
    if not photos:
        st.info("No training photo has a held-out score: the bank has too few rows of other photos.",
                icon=":material/inventory_2:")
        return
    st.caption(listed.facts(run, photos))
    excluding.clean(run, photos)
    left, right = st.columns([6, 7], gap="large")
    with left, errors_in_place(run):
        chosen = listed.draw(run, photos)
    with right, errors_in_place(run):
        evidence.draw(run, chosen)
    excluding.bar(run, photos)


main()

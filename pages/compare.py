"""Compare: any number of runs, one question at a time."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.compare import address, best, choose, field, price
from pages.ui.compare.pair import page as pair
from pages.ui.compare.runs import MOST_RUNS
from pages.ui.compare.side import page as side
from pages.ui.frame import page_header
from pages.ui.states import errors_in_place

QUESTIONS = {"side": "Side by side", "best": "Which is best?", "field": "What does a field do?",
             "price": "What does quality cost?", "images": "Where do they disagree?"}  # fmt: skip
PAGES = {"side": side, "best": best, "field": field, "price": price, "images": pair}


def main() -> None:
    page_header("Compare", "Any number of runs: which is best, what a setting does, what quality costs.")
    with errors_in_place():
        stored = cache.load_runs()
    runs = [cache.with_found(run) for run in choose.choose(stored)]
    few = "runs" in st.query_params and len(runs) <= MOST_RUNS
    question = address.one_of("Question", "view", QUESTIONS, "side" if few else "best", buttons=True)
    with errors_in_place(*runs):
        PAGES[question].draw(runs)


main()

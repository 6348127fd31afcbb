"""Verdicts on a page of their own: the photos of the folder in PATCHCORE_DATA, defective where their name says so.

In the address: the photo `at` this place; `fragment`: the panel is drawn in a fragment, as Review's image is; `slow`:
the disk takes half a second for a verdict. What Python knows stands in the element of the key `told`, as JSON.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.review.verdicts import verdicts as review_verdicts
from patchcore_core.config import PatchCoreConfig
from patchcore_core.reviews.verdicts import Entry, Verdicts
from patchcore_core.runs.record import Run

run = Run("20260101-000000-tile-abcd", "finished", "tile", "", PatchCoreConfig(), Path(), updated_at="now")
paths = sorted(Path(os.environ["PATCHCORE_DATA"]).glob("*.png"))
defective = ["hole" in path.name for path in paths]
images = pd.DataFrame({"path": [str(path) for path in paths], "label": [int(is_so) for is_so in defective],
                       "defect_type": ["hole" if is_so else "good" for is_so in defective]})  # fmt: skip
st.session_state.setdefault("index", int(st.query_params.get("at", 0)))
st.session_state["reruns"] = st.session_state.get("reruns", 0) + 1


class SlowVerdicts(Verdicts):
    def give(self, *words: Any) -> Entry:
        time.sleep(0.5)
        return super().give(*words)


def show(index: int) -> None:
    st.session_state["index"] = min(max(index, 0), len(paths) - 1)


def step(by: int) -> None:
    show(st.session_state["index"] + by)


if "slow" in st.query_params:
    review_verdicts.Verdicts = SlowVerdicts  # type: ignore[misc]
seen = review_verdicts.revision()
entries = review_verdicts.latest(run, images)
with st.container(horizontal=True):
    st.button("Previous", shortcut="P", on_click=step, args=(-1,))
    st.button("Next", shortcut="N", on_click=step, args=(1,))
    review_verdicts.export()


def image() -> None:
    index = st.session_state["index"]
    review_verdicts.panel(run, images, index, lambda: show(index + 1))
    st.text(f"image {index}")


(st.fragment(image) if "fragment" in st.query_params else image)()
review_verdicts.watch(seen)
told = {"index": st.session_state["index"], "verdicts": {row: entry.verdict for row, entry in entries.items()},
        "reruns": st.session_state["reruns"]}
with st.container(key="told"):
    st.text(json.dumps(told))

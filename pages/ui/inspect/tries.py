"""Inspect: test images of the run, to click instead of bringing an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.inspect.upload import Upload, of_file
from pages.ui.markdown import plain
from pages.ui.review.data import test_images
from patchcore_core.errors import DataError
from patchcore_core.runs.store import Run

OFFERED = 8
SIDE = 120  # pixels
PARAMETER = "image"  # of the address, as on Review


def spread(types: Sequence[str], count: int = OFFERED) -> list[int]:
    """Places of at most `count` images, one of each type in turn ("good" first), those of a type evenly apart."""
    kinds = sorted(set(types), key=lambda kind: (kind != "good", kind))
    shares = [0] * len(kinds)
    room = [sum(kind == one for one in types) for kind in kinds]
    while sum(shares) < min(count, len(types)):
        for place in range(len(kinds)):
            if shares[place] < room[place] and sum(shares) < count:
                shares[place] += 1
    chosen = list[int]()
    for kind, share in zip(kinds, shares, strict=True):
        places = np.flatnonzero(np.array(types, dtype=object) == kind)
        chosen += places[np.linspace(0, len(places) - 1, share).astype(int)].tolist() if share else []
    return chosen


def offer(run: Run) -> None:
    """A row of test images; a click puts one into the address."""
    images = test_images(run)
    if images.empty:
        return
    st.caption("Or try a test image of the run:")
    types = [_type(kind, label) for kind, label in zip(images["defect_type"], images["label"], strict=True)]
    with st.container(horizontal=True, gap="small"):
        for place in spread(types):
            with st.container(width=SIDE, gap="xxsmall"):
                _offer(images.iloc[place]["path"], images.iloc[place]["name"], types[place], place)


def chosen(run: Run) -> list[Upload]:
    """The test image that the address names, [] where it names none."""
    images = test_images(run)
    found = images[images["name"] == st.query_params.get(PARAMETER, "")]
    try:
        return [of_file(row["path"], row["name"]) for _, row in found.head(1).iterrows()]
    except DataError as error:
        st.warning(plain(str(error)), icon=":material/broken_image:")
        return []


def _offer(path: str, name: str, kind: str, place: int) -> None:
    try:
        small = cache.thumbnail(path, SIDE)
    except DataError:
        return
    with st.container(height=SIDE + 2, border=False, horizontal_alignment="center", vertical_alignment="bottom"):
        st.image(small, width="content", alt=f"Test image {name}")  # whole, however tall
    st.button(plain(kind), key=f"inspect_try_{place}", width="stretch", help=plain(name),
              on_click=_choose, args=(name,))


def _choose(name: str) -> None:
    st.query_params[PARAMETER] = name


def _type(kind: str, label: int) -> str:
    return kind or {0: "good", 1: "defective"}.get(label, "unlabelled")

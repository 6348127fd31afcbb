"""Review, middle: filters in the sidebar, and the thumbnails of the images they leave, page by page."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.ui import review_address as address
from pages.ui import review_data as data
from pages.ui.components.gallery import Thumbnails, gallery
from patchcore_core.views.ranking import ORDERS, OUTCOMES, selected

KEY = "review_gallery"
PER_PAGE = 24
HEIGHT = 360  # pixels


@dataclass(frozen=True)
class Display:
    """How the viewer draws: opacity of the map over the photo in [0, 1], outlines on the photo or not."""

    opacity: float
    outlines: bool


def filters(images: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the judged images that they leave, in the chosen order."""
    st.subheader("Images", anchor=False)
    chosen = st.pills("Outcome", [name for name in OUTCOMES if name != "?" or (images["label"] == -1).any()],
                      selection_mode="multi", key="outcome", format_func=OUTCOMES.__getitem__, bind="query-params",
                      on_change=_restart, help="None chosen means all.")
    types = sorted(set(images["defect_type"]))
    kinds = st.multiselect("Defect type", types, key="defect", bind="query-params", on_change=_restart,
                           placeholder="All types", format_func=lambda name: name or "unknown")
    order = st.selectbox("Order", list(ORDERS), key="order", bind="query-params", on_change=_restart)
    return selected(images, chosen, kinds, order)


def display() -> Display:
    """Draw the display settings."""
    st.subheader("Display", anchor=False)
    opacity = st.slider("Opacity of the map", 0, 100, 75, step=5, key="opacity", bind="query-params", format="%d %%")
    outlines = st.toggle("Outlines on the photo", True, key="outlines", bind="query-params")
    return Display(opacity / 100, outlines)


def current(images: pd.DataFrame, listed: pd.DataFrame) -> int:
    """The row of the image in the address, else of the first one listed, else 0."""
    named = images.index[images["name"] == st.query_params.get("image", "")]
    return int(next(iter([*named, *listed.index]), 0))


def strip(images: pd.DataFrame, listed: pd.DataFrame, index: int, threshold: float, album: str) -> None:
    """One page of thumbnails with the current image marked; choosing one makes it current. `album`: the run's id."""
    pages = max(1, math.ceil(len(listed) / PER_PAGE))
    _clamp_page(listed, index, pages)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{len(listed)} of {len(images)} test images**")
        page = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
    if listed.empty:
        st.info("These filters leave no image.", icon=":material/filter_alt_off:")
        return
    shown = listed.iloc[(page - 1) * PER_PAGE:page * PER_PAGE]
    paths = dict(zip(shown["name"], shown["path"], strict=True))
    gallery(_thumbnails(shown), str(images.at[index, "name"]), key=KEY, label="Test images", album=album,
            picture=lambda name: data.thumbnail(paths[name]), thresholds=(threshold, threshold), height=HEIGHT,
            on_choose=lambda name: address.set_parameter("image", name))


def go_to(name: str, place: int) -> None:
    """Make the image of this name current, and turn to the page of the gallery that holds its place in the list."""
    address.set_parameter("image", name)
    st.session_state["page"] = place // PER_PAGE + 1


def start_over(run_id: str) -> None:
    """Turn back to the first page when this is another run than the one shown before."""
    if st.session_state.setdefault("review_shown", run_id) != run_id:
        st.session_state["review_shown"] = run_id
        st.session_state["page"] = 1


def _restart() -> None:
    """After a change of filters: the first image of the first page."""
    address.forget("image")
    st.session_state["page"] = 1


def _clamp_page(listed: pd.DataFrame, index: int, pages: int) -> None:
    """A page that exists; at first the one with the current image, unless the address names another."""
    if "page" not in st.session_state and "page" not in st.query_params and index in listed.index:
        st.session_state["page"] = listed.index.tolist().index(index) // PER_PAGE + 1
    if st.session_state.get("page", 1) > pages:
        st.session_state["page"] = pages


def _thumbnails(shown: pd.DataFrame) -> Thumbnails:
    return Thumbnails(ids=shown["name"].tolist(), scores=shown["image_score"].to_numpy(),
                      labels=shown["label"].to_numpy(), kinds=shown["defect_type"].tolist())

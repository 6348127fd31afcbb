"""Review: the thumbnails of the images that the filters leave."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui.components.gallery import Thumbnails, gallery
from pages.ui.media import address
from pages.ui.review import address as review_address
from pages.ui.review.thresholds.operating import IMAGES, Decision
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.store import Run

KEY, VIEWER = "review_gallery", "review_viewer"  # of the gallery, and of the viewer that shows what is chosen
WORDS = VERDICTS | {"": ""}


def current(images: pd.DataFrame, listed: pd.DataFrame) -> int:
    """The row of the image in the address, else of the first one listed, else 0."""
    named = images.index[images["name"] == st.query_params.get("image", "")]
    return int(next(iter([*named, *listed.index]), 0))


def thumbnails(run: Run, listed: pd.DataFrame, selected: str, decision: Decision, height: int) -> None:
    """The images listed, of which choosing one makes it current; height in pixels."""
    if listed.empty:
        st.info("These filters leave no image.", icon=":material/filter_alt_off:")
        return
    names = listed["name"].tolist()
    keys = address.keys(run, listed)
    places = [address.picture(run.id, row, key, "thumbnail") for row, key in zip(listed.index, keys, strict=True)]
    shown = Thumbnails(ids=names, scores=listed["image_score"].to_numpy(),
                       labels=listed["label"].to_numpy(), kinds=listed["defect_type"].tolist(), addresses=places,
                       verdicts=[WORDS[verdict] for verdict in listed["verdict"]])
    gallery(shown, selected, key=KEY, label="Test images",
            thresholds=(decision.review_from, decision.point.value), follows=IMAGES, shows=VIEWER, height=height,
            on_choose=review_address.show_image)

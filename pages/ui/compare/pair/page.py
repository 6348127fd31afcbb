"""Compare: the images that one of two runs gets right and the other wrong, each at its own threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui.compare.address import one_of
from pages.ui.compare.pair import scatter, viewer
from pages.ui.compare.predicted import PredictedPhotos, predict_photos, take_photos
from pages.ui.compare.runs import colour_key, comparability, names_of, shared_images
from pages.ui.compare.thresholds import choose_thresholds
from pages.ui.components.gallery import gallery
from pages.ui.format import run_labels
from pages.ui.media import address
from pages.ui.review.data import test_images
from pages.ui.used_thresholds import choices, chosen
from patchcore_core.evaluation.statistics.compare import right_and_wrong
from patchcore_core.evaluation.statistics.paired_counts import paired_counts
from patchcore_core.reviews.in_use import in_use
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets.gallery import Thumbnails

GROUPS = {"only_first": "A right, B wrong", "only_second": "B right, A wrong", "both_wrong": "both wrong",
          "both_right": "both right", "disagree": "predictions differ", "all": "all"}  # fmt: skip


def draw(runs: Sequence[Run]) -> None:
    """The two runs, their groups of images, scatter, gallery, and the chosen image with both maps."""
    pair = _pair(runs)
    shared = shared_images(pair)
    if not shared.names:
        st.info("These two runs share no test photo.", icon=":material/compare_arrows:")
        return
    if warning := comparability(pair, shared):
        st.warning(warning, icon=":material/difference:")
    names, among = names_of(pair), choices()
    thresholds = choose_thresholds(pair, [in_use(run, chosen(run, among)) for run in pair])
    if any(map(math.isnan, thresholds)):
        st.info("One of the two runs has no such threshold, so its predictions are unknown.")
        return
    photos = predict_photos(pair, shared, thresholds)
    group = _group(photos)
    colour_key(names)
    grid = st.grid(2, min_column_width=480, gap="medium")
    with grid.cell():
        boxed = scatter.draw(photos, names, thresholds)
    with grid.cell():
        index = _gallery(pair, photos, shared.places[0], thresholds, group, boxed)
    if index is not None:
        viewer.draw(pair, names, shared.places[:, index], shared.names[index])


def _pair(runs: Sequence[Run]) -> list[Run]:
    """The two runs, chosen from all that are compared."""
    by_id = {run.id: run for run in runs}
    labels = dict(zip(by_id, run_labels(list(runs)), strict=True))
    if len(runs) == 2:
        return list(runs)
    left, right = st.columns(2)
    with left:
        first = one_of("A", "a", labels, width="stretch", forget=[scatter.NAME])
    with right:
        others = {name: label for name, label in labels.items() if name != first}
        second = one_of("B", "b", others, _like(by_id[first], runs), width="stretch", forget=[scatter.NAME])
    return [by_id[first], by_id[second]]


def _like(first: Run, runs: Sequence[Run]) -> str:
    """The first other run of the same data, which shares its test photos; "" without one."""
    same = (run.id for run in runs if run.id != first.id and run.category == first.category
            and run.fingerprint == first.fingerprint)  # fmt: skip
    return next(same, "")


def _group(photos: PredictedPhotos) -> np.ndarray:
    """Which images belong to the group in the address (N,)."""
    defective = photos.predictions.defective
    found = right_and_wrong(photos.labels, defective)
    found |= {"disagree": photos.predictions.disagree, "all": np.ones(len(photos.names), bool)}
    options = {name: f"{words} ({int(found[name].sum())})" for name, words in GROUPS.items()
               if name != "disagree" or (photos.labels < 0).any()}
    usual = next((name for name in options if found[name].any()), "all")
    known = photos.labels >= 0
    counts = paired_counts(*(defective[:, known] == (photos.labels[known] == 1)))
    if counts.total:
        words = "differ significantly" if counts.significant else "do not differ significantly"
        st.markdown(f"A alone is right on {counts.only_first} of {counts.total} labelled images, B alone on "
                    f"{counts.only_second}: at these thresholds the runs {words} (McNemar, p {counts.p_value:.3f}).")
    return found[one_of("Images", "group", options, usual, buttons=True)]


def _gallery(pair: Sequence[Run], photos: PredictedPhotos, places: np.ndarray, thresholds: Sequence[float],
             group: np.ndarray, boxed: np.ndarray | None) -> int | None:  # fmt: skip
    """The images of the group and in the boxes, strongest disagreement first; the index of the chosen one, None without
    any."""
    rows = np.flatnonzero(group if boxed is None else group & boxed)
    rows = rows[np.argsort(-photos.predictions.distance[rows], kind="stable")]
    if not len(rows):
        st.caption("No image of this kind." if boxed is None else "No image of this kind lies there.")
        return None
    run, wanted = pair[0], st.query_params.get("image")
    ids = [photos.names[row] for row in rows]
    selected = wanted if wanted in ids else ids[0]
    images = test_images(run).iloc[places[rows]]
    keys = address.keys(run, images)
    thumbnails = Thumbnails(ids, photos.scores[0, rows], photos.labels[rows], [str(photos.types[row]) for row in rows],
                            [address.picture(run.id, int(place), key, "thumbnail")
                             for place, key in zip(places[rows], keys, strict=True)])
    gallery(thumbnails, selected, (thresholds[0],) * 2, key="compare_gallery", label="Images with scores of A",
            on_choose=_choose)
    st.caption(f"{len(rows)} image{'' if len(rows) == 1 else 's'}, strongest disagreement first, with the scores of A.")
    take_photos(photos, pair, thresholds, rows.tolist(), "compare_pair_images")
    return int(rows[ids.index(selected)])


def _choose(name: str) -> None:
    st.query_params["image"] = name

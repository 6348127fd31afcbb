"""Figures without the images marked as label wrong: offered where there are any, kept in the address, made once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.review.verdicts import without as review_without
from patchcore_core.fitting.without import figures_without
from patchcore_core.reviews.verdicts import Photo, Verdicts


def page():
    import json

    import streamlit as st

    from pages.ui import cache
    from pages.ui.review.verdicts import verdicts as review_verdicts
    from pages.ui.review.verdicts import without as review_without

    run = cache.load_runs()[0]
    images = cache.load_images(run)
    left_out = review_without.toggle(run, images, review_verdicts.latest(run, images))
    if left_out is None:
        st.text("all")
    else:
        found = review_without.figures(run, images, left_out)
        st.text(json.dumps({"metrics": found.metrics, "sentence": found.sentence, "id": found.run.id}))


def opened(**query):
    app = AppTest.from_function(page, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def told(app):
    return json.loads(app.text[0].value)


def mark(store, run, places, verdict="label_wrong"):
    """Give the images in these rows a verdict; which rows these are, (N,)."""
    images = store.images(run)
    for place in places:
        row = images.iloc[place]
        Verdicts(store.root).give(Photo(Path(row["path"]), row["label"], row["defect_type"], "tile"), verdict, "Ann")
    return np.isin(np.arange(len(images)), places)


def test_nothing_is_offered_where_no_label_is_marked_as_wrong(make_run, store):
    run = make_run(trusted=True)
    mark(store, run, [0, 5], "mask_wrong")
    app = opened(without="label_wrong")
    assert not app.toggle
    assert app.text[0].value == "all"


def test_the_switch_recomputes_the_figures_and_stands_in_the_address(make_run, store):
    run = make_run(trusted=True)
    left_out = mark(store, run, [0, 5])
    app = opened()
    assert app.toggle[0].label == "2 wrong labels excluded"
    assert app.text[0].value == "all"
    app.toggle[0].set_value(True).run()
    assert app.query_params["without"] == "label_wrong"
    expected = figures_without(store, run, left_out).run.metrics
    np.testing.assert_equal(told(app)["metrics"], expected)
    assert told(app)["sentence"] == (
        "Figures on 7 of 9 test images: 2 wrong labels excluded.")
    assert told(app)["id"] == run.id
    app.toggle[0].set_value(False).run()
    assert "without" not in app.query_params
    assert app.text[0].value == "all"


@pytest.mark.parametrize(("value", "on"), [("label_wrong", True), ("mask_wrong", False), ("<b>", False), ("", False)])
def test_a_link_opens_the_same_figures(make_run, store, value, on):
    mark(store, make_run(trusted=True), [3])
    app = opened(without=value)
    assert app.toggle[0].value is on
    assert app.toggle[0].label == "1 wrong label excluded"


def test_the_same_figures_are_made_once_and_others_anew(make_run, store, monkeypatch):
    run, made = make_run(trusted=True), []
    monkeypatch.setattr(review_without, "figures_without", lambda *given: made.append(1) or figures_without(*given))
    mark(store, run, [0])
    app = opened(without="label_wrong")
    app.run()
    opened(without="label_wrong")
    assert len(made) == 1
    mark(store, run, [5])
    app.run()
    assert len(made) == 2
    assert "2 wrong labels excluded" in told(app)["sentence"]
    assert not app.get("progress")


def test_masks_that_are_gone_are_said(make_run, store):
    run = make_run(trusted=True)
    images = store.images(run)
    mark(store, run, [0])
    Path(images["mask_paths"][images["mask_paths"].map(bool)].iloc[1][0]).unlink()
    app = opened(without="label_wrong")
    assert "1 mask is unreadable or changed since the run, and not in the pixel figures." in told(app)["sentence"]


def test_images_of_one_kind_alone_leave_undefined_figures_with_a_reason(make_run, store):
    run = make_run(trusted=True)
    good = np.flatnonzero(store.images(run)["label"] == 0)
    mark(store, run, good.tolist())
    metrics = told(opened(without="label_wrong"))["metrics"]
    assert np.isnan(metrics["image_auroc"])
    assert not np.isnan(metrics["pixel_auroc_anomalous"])

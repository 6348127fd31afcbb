"""What Review says of how far the figures can be trusted."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest

from pages.ui.review.events.desk import Desk
from patchcore_core.evaluation.published.reference import CATEGORIES
from tests.pages.reading import checks, workspace
from tests.pages.ui.review.events.asking import question


def badges(app):
    """Label -> level of the data checks."""
    return {one["label"]: one["level"] for one in workspace(app)["parts"]["checks"]["checks"]}


def values(level):
    """Name -> value of the thresholds that are offered."""
    return {point["name"]: point["value"] for point in level["points"] if point["value"] is not None}


def test_figures_have_their_intervals_and_sentences(make_run, open_page):
    run = make_run(trusted=True)
    app = open_page("review", run=run.id)
    assert not app.exception
    headlines = workspace(app)["parts"]["first_line"]["figures"]
    for one, name in zip(headlines[:3], ("image_auroc", "pixel_auroc", "aupro"), strict=True):
        low, high = run.intervals[name]
        if math.isnan(low):
            assert "No interval: all resamples of the test images give the same value" in one["help"]
            continue
        assert one["interval"].startswith(f"[{low:.2f}")
        assert one["interval"].endswith((f"{high:.2f}]", f"{high:.3f}]"))
        assert "Confidence interval (95 %)" in one["help"]
    every = question(Desk(), run, "figures")["tables"][0]
    assert len(every["rows"]) == len(run.metrics)
    assert all(row[3] for row in every["rows"])


def test_an_older_run_says_what_it_does_not_know(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id)
    assert not app.exception
    assert not any(one["interval"] for one in workspace(app)["parts"]["first_line"]["figures"])
    assert {"near-duplicates not checked", "split not recorded"} <= set(badges(app))
    assert "This run predates recorded defect sizes" in question(Desk(), run, "tally", pixel=0.5)["sizes"]


def test_badges_say_what_the_figures_have_seen(make_run, open_page):
    shown = badges(open_page("review", run=make_run(trusted=True).id))
    assert {"held-out threshold": "ok", "no test image in training": "ok", "no unreadable images": "ok",
            "original train/test split": "ok"}.items() <= shown.items()


def test_a_test_image_that_was_trained_on_is_a_warning(make_run, data_root, open_page):
    shutil.copy(data_root / "tile/train/good/000.png", data_root / "tile/test/good/000.png")
    app = open_page("review", run=make_run(trusted=True).id)
    assert badges(app)["test images in training"] == "warning"
    assert "1 of 9 test images" in checks(app)


@pytest.mark.parametrize("name", ["heldout_p99", "heldout_mean_3sd", "heldout_fpr_1", "good_p99", "good_max", "f1_max",
                                  "youden", "cost_weighted"])
def test_a_link_names_any_method(make_run, name):
    run = make_run(trusted=True)
    level = question(Desk(), run, "costs", escape=100, overkill=5, defect_rate=2, threshold=1)["image"]
    value = values(level)[name]
    if name in run.thresholds:
        assert value == run.thresholds[name]


def test_a_quantile_of_ones_own_is_offered_and_linked(make_run):
    run = make_run(trusted=True)
    level = question(Desk(), run, "costs", quantile=90, threshold=1)["image"]
    scores = np.linspace(0.3, 0.6, 24, dtype=np.float32)
    assert values(level)["heldout_p90"] == np.nextafter(np.float64(scores[22]), np.inf)  # the 23rd of 24


def test_good_images_alone_invent_nothing(make_run, data_root, open_page):
    for kind in ("hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    run = make_run(trusted=True)
    app = open_page("review", run=run.id)
    assert not app.exception
    given = workspace(app)
    assert given["image"]["default"] == "heldout_p99"
    missing = {point["name"]: point["reason"] for point in given["image"]["points"] if point["value"] is None}
    assert {"f1_max", "youden"} <= set(missing)
    assert all(missing.values())
    assert "No masks with a defect" in question(Desk(), run, "tally", pixel=0.5)["sizes"]
    assert given["parts"]["point"]["notes"] == ["No labelled defective images: missed defects are unknown."]
    assert given["whole"]["size"] is None


def test_published_figures_stand_beside_a_category_of_mvtec_alone(make_run, store):
    run = make_run(seed=1)
    assert run.category in CATEGORIES  # though these are other photos, which is flagged
    tables = question(Desk(), run, "figures")["tables"]
    published = next(one for one in tables if one["title"].startswith("Image AUROC: published figures for tile"))
    assert all("images (train, good, defective)" in row[3] for row in published["rows"])
    record = json.loads((run.folder / "run.json").read_text())
    changed = {"category": "brick", "updated_at": "2030-01-01T00:00:00+00:00"}
    (run.folder / "run.json").write_text(json.dumps(record | changed))
    tables = question(Desk(), store.get(run.id), "figures")["tables"]
    assert [one["title"] for one in tables] == ["All figures", "Per defect type"]

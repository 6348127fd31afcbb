"""Review in every state, and what its workspace is given."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from pages.ui.format import run_label
from pages.ui.media.about import about
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.evaluation.thresholds.decision import segmentation
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.evaluation.trim import Trim, kept_of
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.runs.map_summaries import map_summary
from patchcore_core.views.web.packed import unpacked
from tests.pages.reading import choice, components, read, told, workspace


def figures(app):
    """Label -> value of the headline figures."""
    return {one["label"]: one["value"] for one in workspace(app)["parts"]["first_line"]["figures"]}


def named(level):
    """Name -> value of the thresholds that are offered."""
    return {point["name"]: point["value"] for point in level["points"] if point["value"] is not None}


@pytest.mark.usefixtures("store")
def test_empty_store_points_to_overview_and_fit(open_page):
    app = open_page("review")
    assert not app.exception
    assert "no finished run" in read(app)


def test_unknown_run_says_so(make_run, open_page):
    make_run()
    app = open_page("review", run="20200101-000000-tile-dead")
    assert not app.exception
    assert "20200101-000000-tile-dead" in read(app)
    assert [name for name, _ in components(app)] == ["choice"]  # of the run


@pytest.mark.parametrize(("status", "words"), [
    ("running", "features"), ("failed", "no space left"), ("cancelled", "cancelled"), ("lost", "lost"),
    ("queued", "features"),
])
def test_runs_that_are_not_finished_show_their_state(make_run, open_page, status, words):
    run = make_run(status)
    app = open_page("review", run=run.id)
    assert not app.exception
    assert words in read(app)
    assert [name for name, _ in components(app)] == ["choice"]  # of the run


def test_a_run_that_is_not_finished_leads_to_one_that_is(make_run, open_page):
    finished, failed = make_run(), make_run("failed", seed=1)
    app = open_page("review", run=failed.id)
    assert choice(app, "review_run")[1].keys() == {failed.id, finished.id}
    app.query_params["run"] = finished.id
    assert workspace(app.run())["run"]["id"] == finished.id


def test_a_finished_run_comes_whole_in_one_go(make_run, store, open_page):
    run = make_run()
    app = open_page("review", run=run.id)
    assert not app.exception
    assert [name for name, _ in components(app)] == ["workspace", "workspace_post"]
    assert not any(app.get(kind) for kind in ("button", "selectbox", "multiselect", "slider", "expander"))
    for name, label in (("image_auroc", "Image AUROC"), ("pixel_auroc", "Pixel AUROC"), ("aupro", "AUPRO (FPR ≤ 0.3)")):
        assert figures(app)[label] == f"{run.metrics[name]:.3f}"
    given, images = workspace(app), store.images(run)
    assert unpacked(given["images"]["scores"]).tolist() == images["image_score"].tolist()
    assert given["images"]["labels"] == images["label"].tolist()
    kinds = given["images"]["kinds"]
    assert [kinds["words"][place] for place in kinds["places"]] == images["defect_type"].tolist()
    assert [f"{run.dataset}/{name}" for name in given["images"]["names"]] == images["path"].tolist()
    assert (told(app)["judged"], told(app)["acked"], told(app)["channel"]) == ({}, 0, given["channel"])


def test_every_named_threshold_of_the_run_is_offered_with_its_value(make_run, open_page):
    run = make_run()
    given = workspace(open_page("review", run=run.id))
    for which in ("image", "pixel"):
        of_run = of_level(run.thresholds, which)
        assert of_run.items() <= named(given[which]).items()
        low, high = given[which]["span"]
        assert all(low <= value <= high for value in named(given[which]).values())
    assert given["image"]["default"] == "good_p99"
    assert given["pixel"]["default"] == "pixel_good_p999"
    assert given["overlap"]["pixel"] == run.thresholds["pixel_good_p999"]
    assert all(point["help"] and point["label"] for point in given["image"]["points"])


def test_thresholds_that_were_chosen_for_the_run_come_with_who_chose_them(make_run, store, open_page):
    run = make_run()
    ChosenThresholdsOf(store.root).use(run.id, "<b>Kim</b>", image=50.0, pixel=0.2503, review_from=0.5)
    given = workspace(open_page("review", run=run.id))
    used = given["parts"]["used"]
    assert (used["threshold"], used["review_from"], used["pixel_threshold"]) == (50, 0.5, 0.2503)
    assert used["sentence"] == f"Chosen by <b>Kim</b> on {used['at'][:10]}."
    assert given["image"]["default"] == "good_p99"  # the run's own
    assert given["image"]["span"][1] >= 50
    assert given["overlap"]["pixel"] == 0.2503
    assert given["overlap"]["exact"] is False  # between two bins of the summary of maps
    first = given["parts"]["checks"]["checks"][0]
    assert (first["label"], first["sentence"]) == ("threshold set manually", used["sentence"])


def test_of_a_trimmed_run_the_trimmed_segmentation_is_judged_and_that_is_said(make_run, store, open_page):
    run = make_run(region_trim=True)
    images, trim = store.images(run), Trim.read(run.trim)
    number = int(images.index[images["defect_type"] == "hole"][0])
    edges = map_summary(store, run).edges  # at which the overlap is exact
    pixel = float(edges[np.searchsorted(edges, 0.25)])
    ChosenThresholdsOf(store.root).use(run.id, "Kim", pixel=pixel)
    mask = np.zeros((32, 32), bool)
    mask[10:16, 12:18] = True
    judged = segmentation(mask, kept_of(store.anomaly_maps(run)[number], trim), pixel)
    assert judged.iou != segmentation(mask, store.anomaly_maps(run)[number], pixel).iou
    given = workspace(open_page("review", run=run.id))
    assert given["overlap"]["exact"] is True
    assert unpacked(given["overlap"]["iou"])[number] == pytest.approx(judged.iou)
    assert given["parts"]["viewer"]["trimmed"] == TRIMMED
    assert about(run, number)["picture"]["layers"][0]["least"]


def test_the_newest_run_is_taken_where_none_is_named_and_any_can_be_chosen(make_run, open_page):
    older, newer, failed = make_run(seed=1), make_run(seed=2), make_run("failed", seed=3)
    app = open_page("review")
    assert not app.exception
    given = workspace(app)
    assert given["run"]["id"] == newer.id
    assert [one["id"] for one in given["runs"]] == [newer.id, older.id]
    assert failed.id not in json.dumps(given["runs"])
    assert [one["id"] for one in given["besides"]] == [older.id]
    assert {one["category"] for one in given["runs"]} == {"tile"}
    assert all("seed" in one["label"] for one in given["runs"])  # what tells them apart
    assert "run" not in app.query_params  # Python leaves the address to the browser


def test_labels_of_runs_do_not_repeat_their_category(make_run, open_page):
    runs = [make_run(seed=seed) for seed in (1, 2)] + [make_run(coreset_ratio=0.5)]
    given = {one["id"]: one for one in workspace(open_page("review"))["runs"]}
    for run in runs:
        assert f"tile · {given[run.id]['label']}" == run_label(run, runs)


def test_many_images_come_in_one_go(make_run, data_root, open_page):
    good = data_root / "tile/test/good"
    for number in range(10, 35):
        shutil.copy(good / "000.png", good / f"{number:03d}.png")
    given = workspace(open_page("review", run=make_run().id))
    assert len(given["images"]["names"]) == len(given["pictures"]["keys"]) == 34
    ranks = given["images"]["ranks"]
    assert [given["images"]["names"][place] for place in np.argsort(ranks)] == sorted(given["images"]["names"])


def test_the_counts_of_test_images_are_those_that_were_scored(make_run, store, open_page):
    run = make_run()
    assert (run.counts.test_good, run.counts.test_defective) == (4, 5)
    images = pd.read_csv(run.folder / "images.csv", keep_default_na=False)
    gone = images.index[images["label"] == 0][:1].union(images.index[images["label"] == 1][:2])
    maps = np.delete(np.load(run.folder / "anomaly_maps.npy"), gone, axis=0)
    np.save(run.folder / "anomaly_maps.npy", maps)
    images = images.drop(gone).assign(map_index=range(len(maps)))
    images.to_csv(run.folder / "images.csv", index=False)
    record = json.loads((run.folder / "run.json").read_text())
    record["files"]["anomaly_maps.npy"] = (run.folder / "anomaly_maps.npy").stat().st_size
    (run.folder / "run.json").write_text(json.dumps(record))
    app = open_page("review", run=run.id)
    assert not app.exception
    assert figures(app)["Good / defective"] == "3 / 3"
    assert store.get(run.id).status == "finished"

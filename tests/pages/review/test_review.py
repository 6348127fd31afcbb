"""Review in every state, and every control of it through the address."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from pages.ui.format import run_label
from pages.ui.review.thresholds.operating import COUNTED_WHOLE
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.evaluation.thresholds.decision import confusion, outcomes, segmentation
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.evaluation.trim import Trim, kept_of
from patchcore_core.views.web.packed import unpacked
from tests.pages.reading import choice, component, components, handles, read


def gallery(app, thresholds=None):
    """What the gallery was given, with `items`: id, score, label, kind and outcome of each image."""
    given = component(app, "gallery")
    scores, (low, high) = unpacked(given["scores"]), given["thresholds"]
    assert (low, high) == (thresholds or (high, high))
    names = {"TP": "hit", "FN": "miss", "FP": "false alarm", "TN": "correctly good", "?": "unknown"}
    columns = zip(given["ids"], scores, given["labels"], outcomes(given["labels"], scores, high),
                  given["kinds"]["places"], strict=True)
    return given | {"items": [
        {"id": id, "score": score, "label": label, "outcome": names[outcome], "kind": given["kinds"]["words"][kind]}
        for id, score, label, outcome, kind in columns
    ]}


def pixel_threshold(app):
    """The one in the viewer."""
    (threshold,) = component(app, "viewer")["view"]["thresholds"]
    return threshold


def metric(app, label):
    return next(element.value for element in app.metric if element.label.startswith(label))


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
])
def test_runs_that_are_not_finished_show_their_state(make_run, open_page, status, words):
    run = make_run(status)
    app = open_page("review", run=run.id)
    assert not app.exception
    assert words in read(app)
    assert [name for name, _ in components(app)] == ["choice"]  # of the run


def test_finished_run_shows_its_figures_and_all_images_by_score(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id)
    assert not app.exception
    assert metric(app, "Image AUROC") == f"{run.metrics['image_auroc']:.3f}"
    assert metric(app, "Pixel AUROC") == f"{run.metrics['pixel_auroc']:.3f}"
    assert metric(app, "AUPRO") == f"{run.metrics['aupro']:.3f}"
    assert all(element.help for element in app.metric if "AU" in element.label)
    scores = [float(item["score"]) for item in gallery(app)["items"]]
    assert len(scores) == 9
    assert scores == sorted(scores, reverse=True)
    assert component(app, "viewer")["view"]["panes"] == ["photo", "truth", "map", "prediction"]


@pytest.mark.parametrize("threshold", ["0.9", "f1_max", "good_max", "nonsense", "-1e9", "nan", ""])
def test_threshold_in_the_address_decides_every_outcome(make_run, store, open_page, threshold):
    run = make_run()
    app = open_page("review", run=run.id, threshold=threshold)
    assert not app.exception
    value = handles(app)[1]
    if threshold in run.thresholds:
        assert value == run.thresholds[threshold]
    images = store.images(run)
    expected = pd.Series(outcomes(images["label"], images["image_score"], value)).map(
        {"TP": "hit", "FN": "miss", "FP": "false alarm", "TN": "correctly good"})
    shown = pd.Series([item["outcome"] for item in gallery(app)["items"]])
    assert shown.value_counts().to_dict() == expected.value_counts().to_dict()
    given = component(app, "tally")
    assert unpacked(given["thresholds"]).tolist() == [value, value]
    hits = sum(int((unpacked(kind["scores"]) >= value).sum()) for kind in given["kinds"])
    assert hits == confusion(images["label"], images["image_score"], value).tp


def test_the_name_of_a_threshold_stands_chosen_and_by_hand_none_does(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id, threshold="0.8")
    assert handles(app) == (0.8, 0.8)
    chosen, offered = choice(app, "review_threshold_named")
    assert chosen == ""
    assert offered.pop("") == "set manually"
    assert set(offered) == set(of_level(run.thresholds, "image"))
    app.query_params["threshold"] = "f1_max"
    app.run()
    assert not app.exception
    assert choice(app, "review_threshold_named")[0] == "f1_max"
    assert handles(app)[1] == run.thresholds["f1_max"]
    assert "chosen with its labels" in read(app)


def test_links_with_former_words_filter_as_they_did(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id, outcome=["miss", "correctly good"], cause="peak outside the mask", q="hole")
    assert not app.exception
    assert app.query_params["outcome"] == ["missed defect (FN)", "true negative"]
    assert app.button_group(key="outcome").value == ["FN", "TN"]
    assert app.text_input(key="q").value == "hole"
    assert app.multiselect(key="cause").value == ["peak_elsewhere"]


def test_filters_narrow_the_gallery_and_show_its_first_image(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id)
    app.multiselect(key="defect").set_value(["hole"]).run()
    items = gallery(app)["items"]
    assert [item["kind"] for item in items] == ["hole"] * 3
    assert gallery(app)["selected"] == items[0]["id"]
    app.button_group(key="outcome").set_value(["TN"]).run()
    assert not app.exception
    assert "leave no image" in read(app)


def test_next_and_previous_walk_the_order(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id)
    order = [item["id"] for item in gallery(app)["items"]]
    for place, neighbours in ((0, order[1:2]), (1, [order[2], order[0]]), (len(order) - 1, order[-2:-1])):
        app.query_params["image"] = order[place]
        app.run()
        assert gallery(app)["selected"] == order[place]
        steps, ahead = component(app, "steps"), component(app, "viewer_ahead")
        assert (steps["before"], steps["after"]) == (place > 0, place < len(order) - 1)
        assert steps["gallery"] == gallery(app)["channel"]
        assert steps["viewer"] == ahead["channel"] == gallery(app)["shows"]
        assert ahead["current"] == order[place]
        assert [picture["name"] for picture in ahead["pictures"]] == neighbours  # the next one first


def test_a_link_reopens_the_same_view(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id, image="test/scratch/001.png", threshold="0.7", review_from="0.5",
                    pixel_threshold="0.6", defect="scratch", order="by name", panes="map,photo", zoom="1,2,20,30",
                    opacity="40", hidden="peak,judged", limits="0.1,0.9")
    assert not app.exception
    assert gallery(app, (0.5, 0.7))["selected"] == "test/scratch/001.png"
    assert gallery(app, (0.5, 0.7))["ids"] == ["test/scratch/000.png", "test/scratch/001.png"]
    assert handles(app) == (0.5, 0.7)
    view = component(app, "viewer")["view"]
    assert (view["panes"], view["box"], view["opacity"]) == (["map", "photo"], [1, 2, 20, 30], 0.4)
    assert (view["thresholds"], view["limits"]) == ([0.6], [[0.1, 0.9]])
    assert not view["peak"]
    assert not view["judged"]
    assert view["truth_outline"]


def test_the_operating_point_of_pixels_stands_in_place_of_that_of_images(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id, pixel_threshold="0.6", threshold="0.7", level="pixels")
    assert not app.exception
    assert handles(app, "review_pixel_point") == (0.6, 0.6)
    assert gallery(app)["thresholds"] == [0.7, 0.7]
    assert choice(app, "review_level_choice")[0] == "pixels"
    assert choice(app, "review_pixel_threshold_named")[0] == ""
    app.query_params["pixel_threshold"] = "pixel_f1_max"
    app.run()
    assert choice(app, "review_pixel_threshold_named")[0] == "pixel_f1_max"
    assert pixel_threshold(app) == handles(app, "review_pixel_point")[1] == run.thresholds["pixel_f1_max"]


def test_of_a_trimmed_run_the_trimmed_segmentation_is_judged_and_that_is_said(make_run, store, open_page):
    run = make_run(region_trim=True)
    images, trim = store.images(run), Trim.read(run.trim)
    row = images.index[images["defect_type"] == "hole"][0]
    mask = np.zeros((32, 32), bool)
    mask[10:16, 12:18] = True
    judged = segmentation(mask, kept_of(store.anomaly_maps(run)[row], trim), 0.3)
    assert judged.iou != segmentation(mask, store.anomaly_maps(run)[row], 0.3).iou
    app = open_page("review", run=run.id, image="test/hole/000.png", pixel_threshold="0.3", level="pixels")
    assert not app.exception
    assert f"pixel IoU **{judged.iou:.3f}**" in read(app)
    assert COUNTED_WHOLE in read(app)
    assert any(TRIMMED in (shown.help or "") for shown in app.markdown)


def test_the_newest_run_is_taken_where_none_is_named_and_any_can_be_chosen(make_run, open_page):
    older, newer = make_run(seed=1), make_run(seed=2)
    app = open_page("review")
    assert not app.exception
    assert app.query_params["run"] == newer.id  # named even when it was not asked for
    chosen, offered = choice(app, "review_run")
    assert chosen == newer.id
    assert offered == {run.id: run_label(run) for run in (newer, older)}


def test_an_image_that_is_not_in_the_run_is_the_first_one(make_run, open_page):
    run = make_run()
    app = open_page("review", run=run.id, image="../../etc/passwd")
    assert not app.exception
    assert gallery(app)["selected"] == gallery(app)["items"][0]["id"]


def test_many_images_are_in_one_gallery(make_run, data_root, open_page):
    good = data_root / "tile/test/good"
    for number in range(10, 35):
        shutil.copy(good / "000.png", good / f"{number:03d}.png")
    app = open_page("review", run=make_run().id, order="by name")
    assert len(gallery(app)["ids"]) == 34
    app.query_params["image"] = gallery(app)["ids"][24]
    app.run()
    assert not app.exception
    assert gallery(app)["selected"] == gallery(app)["ids"][24]


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
    assert metric(app, "Good / defective test images") == "3 / 3"
    assert store.get(run.id).status == "finished"

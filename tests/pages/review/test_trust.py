"""What Review says of how far the figures can be trusted."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest

from patchcore_core.evaluation.published.reference import CATEGORIES
from patchcore_core.evaluation.thresholds.costs import Costs, zones
from tests.pages.reading import choice, component, handles, read


def badge_texts(app):
    return [element.value for element in app.markdown if "-badge[" in element.value]


def tables(app):
    return [element.value for element in app.table]


def unfolded(app, key):
    app.session_state[key] = True
    return app.run()


def zone_rows(app):
    return next(table for table in tables(app) if "defective" in table.columns and "share" in table.columns)


def test_figures_have_their_intervals_and_sentences(make_run, open_page):
    run = make_run(trusted=True)
    app = open_page("review", run=run.id)
    assert not app.exception
    for element, name in zip(app.metric[:3], ("image_auroc", "pixel_auroc", "aupro"), strict=True):
        low, high = run.intervals[name]
        if math.isnan(low):
            assert "No interval: all resamples of the test images give the same value" in element.help
            continue
        assert element.delta.startswith(f"[{low:.2f}")
        assert element.delta.endswith((f"{high:.2f}]", f"{high:.3f}]"))
        assert "Confidence interval (95 %)" in element.help
    app = unfolded(app, "review_all_figures")
    every = next(table for table in tables(app) if "95 % interval" in table.columns)
    assert len(every) == len(run.metrics)
    assert all(every["meaning"])


def test_an_older_run_says_what_it_does_not_know(make_run, open_page):
    app = open_page("review", run=make_run().id)
    assert not app.exception
    assert not any(element.delta for element in app.metric)
    shown = " ".join(badge_texts(app))
    assert "near-duplicates not checked" in shown
    assert "split not recorded" in shown
    assert "This run predates intervals" in read(unfolded(app, "review_all_figures"))
    assert "This run predates recorded defect sizes" in component(app, "tally")["sizes"]


def test_badges_say_what_the_figures_have_seen(make_run, open_page):
    run = make_run(trusted=True)
    shown = badge_texts(open_page("review", run=run.id))
    for label in ("held-out threshold", "no test image in training", "no unreadable images",
                  "original train/test split"):
        assert any(label in text.replace("\\", "") for text in shown), label
    app = open_page("review", run=run.id, threshold="f1_max")
    assert any("oracle threshold" in text and "orange" in text for text in badge_texts(app))


def test_a_test_image_that_was_trained_on_is_a_warning(make_run, data_root, open_page):
    shutil.copy(data_root / "tile/train/good/000.png", data_root / "tile/test/good/000.png")
    app = open_page("review", run=make_run(trusted=True).id)
    assert any("test images in training" in text and "orange" in text for text in badge_texts(app))
    assert "1 of 9 test images" in read(unfolded(app, "review_badges"))


@pytest.mark.parametrize("name", ["heldout_p99", "heldout_mean_3sd", "heldout_fpr_1", "good_p99", "good_max", "f1_max",
                                  "youden", "cost_weighted"])
def test_a_link_names_any_method(make_run, open_page, name):
    run = make_run(trusted=True)
    app = open_page("review", run=run.id, threshold=name, escape="100", overkill="5", defect_rate="2")
    assert not app.exception
    assert choice(app, "review_threshold_named")[0] == name
    value = handles(app)[1]
    if name in run.thresholds:
        assert value == run.thresholds[name]


def test_a_quantile_of_ones_own_is_offered_and_linked(make_run, open_page):
    run = make_run(trusted=True)
    app = open_page("review", run=run.id, quantile="90", threshold="heldout_p90")
    assert choice(app, "review_threshold_named")[0] == "heldout_p90"
    scores = np.linspace(0.3, 0.6, 24, dtype=np.float32)
    assert handles(app)[1] == np.nextafter(np.float64(scores[22]), np.inf)  # the 23rd of 24


def test_zones_count_the_test_set_and_cost_what_was_given(make_run, store, open_page):
    run = make_run(trusted=True)
    app = open_page("review", run=run.id, threshold="0.9", review_from="0.4", escape="100", overkill="5",
                    defect_rate="2", look="1")
    assert not app.exception
    images = store.images(run)
    expected = zones(images["label"], images["image_score"], 0.4, 0.9, Costs(100, 5, 0.02, 1))
    rows = zone_rows(app)
    assert rows["good"].tolist() == [str(zone.good) for zone in (expected.ok, expected.review, expected.ng)]
    assert rows["defective"].tolist() == [str(zone.defective) for zone in (expected.ok, expected.review, expected.ng)]
    assert rows["cost per part"].tolist()[2] == f"{expected.ng.cost:.4f}"
    assert f"{expected.cost:.4f}" in read(app)


def test_without_a_review_zone_and_costs_there_are_two_zones_and_no_costs(make_run, open_page):
    app = open_page("review", run=make_run(trusted=True).id)
    low, high = handles(app)
    assert low == high
    assert "review 0.0 %" in read(app)
    assert not any("cost per part" in table.columns for table in tables(app))


def test_good_images_alone_invent_nothing(make_run, data_root, open_page):
    for kind in ("hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    app = open_page("review", run=make_run(trusted=True).id)
    assert not app.exception
    assert choice(app, "review_threshold_named")[0] == "heldout_p99"
    assert not any("oracle" in words for words in choice(app, "review_threshold_named")[1].values())
    assert "methods are not available" in read(app)
    assert "No masks with a defect" in component(app, "tally")["sizes"]
    assert component(app, "operating_point", "review_point")["notes"]


def test_published_figures_stand_beside_a_category_of_mvtec(make_run, open_page):
    run = make_run(seed=1)
    assert run.category in CATEGORIES  # though these are other photos, which is flagged
    app = unfolded(open_page("review", run=run.id), "review_published_figures")
    assert not app.exception
    rows = next(element.value for element in app.dataframe if "theirs" in element.value.columns)
    assert np.allclose(rows["difference"], rows["ours"] - rows["theirs"])
    assert (rows["flags"] > 0).all()
    assert rows["differs"].str.contains("images (train, good, defective)", regex=False).all()
    record = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(record | {"category": "brick", "updated_at": "later"}))
    app = unfolded(open_page("review", run=run.id), "review_published_figures")
    assert not any("theirs" in element.value.columns for element in app.dataframe)

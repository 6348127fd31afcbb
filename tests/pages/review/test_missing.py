"""Review without what it usually has: labels, masks, photos, files; and with hostile names."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui.media.routes import routes
from pages.ui.review.events.desk import Desk
from pages.ui.review.workspace.levels import NONE_KNOWN
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.evaluation.evaluate import evaluate
from patchcore_core.evaluation.thresholds.methods import of_good
from patchcore_core.evaluation.thresholds.operating_point import GoodScores
from patchcore_core.fitting.draft import draft_run
from patchcore_core.runs.image_table import COLUMNS
from tests.pages.reading import checks, read, workspace
from tests.pages.review.test_review import figures
from tests.pages.ui.review.events.asking import question

HOLE = "test/hole/000.png"


def seen(app, name):
    """What the server tells of the image of this name."""
    given = workspace(app)
    number = given["images"]["names"].index(name)
    return TestClient(Starlette(routes=routes())).get(f"{given['pictures']['base']}/{number}/about").json()


def thumbnails(app):
    """How the server answers where the gallery looks for its pictures."""
    client, given = TestClient(Starlette(routes=routes())), workspace(app)["pictures"]
    return {client.get(f"{given['base']}/{number}/{key}/thumbnail").status_code
            for number, key in enumerate(given["keys"])}


def test_without_defective_images_it_says_what_cannot_be_known(make_run, data_root, open_page):
    for kind in ("hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    run = make_run()
    app = open_page("review", run=run.id)
    assert not app.exception
    assert figures(app)["Image AUROC"] == figures(app)["AUPRO (FPR ≤ 0.3)"] == "—"
    headlines = workspace(app)["parts"]["first_line"]["figures"]
    assert all("Not defined" in one["help"] for one in headlines if "AU" in one["label"])
    tally = question(Desk(), run, "tally", pixel=0.5)
    assert not tally["kinds"]
    assert "recall is unknown" in tally["no_kinds"]


def test_a_mask_that_is_drawn_anew_is_shown_anew(make_run, data_root, open_page):
    app = open_page("review", run=make_run().id)
    before = seen(app, HOLE)["picture"]
    mask = data_root / "tile/ground_truth/hole/000_mask.png"
    drawn = np.asarray(Image.open(mask)).copy()
    drawn[:2] = 255
    Image.fromarray(drawn).save(mask)
    os.utime(mask, ns=(0, mask.stat().st_mtime_ns + 1))
    app.run()
    assert seen(app, HOLE)["picture"]["truth"] != before["truth"]


def test_without_masks_the_segmentation_is_neither_right_nor_wrong(make_run, data_root, open_page):
    shutil.rmtree(data_root / "tile/ground_truth")
    app = open_page("review", run=make_run().id)
    assert not app.exception
    assert "its pixel outcomes are unknown" in seen(app, HOLE)["notes"][0]
    assert seen(app, HOLE)["picture"]["truth"] is None
    assert figures(app)["Image AUROC"] != "—"


def test_without_a_known_label_the_threshold_is_nobodys(make_run, data_root, open_page):
    for photo in (data_root / "tile/test/good").iterdir():
        photo.rename(data_root / "tile/test" / photo.name)
    for kind in ("good", "hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    app = open_page("review", run=make_run().id)
    assert not app.exception
    given = workspace(app)
    for which in ("image", "pixel"):
        level = given[which]
        assert level["unset"] == NONE_KNOWN
        assert all(point["value"] is None for point in level["points"])
        assert float(level["default"]) == sum(level["span"]) / 2
    assert "no threshold" in checks(app)
    assert set(given["images"]["labels"]) == {-1}


def test_without_any_test_image_it_points_to_inspect(store, data_root, open_page):
    shutil.rmtree(data_root / "tile/test")
    writer = store.begin(draft_run(load_dataset(data_root / "tile"), PatchCoreConfig(image_size=32)))
    nothing, maps = np.zeros(0, int), np.zeros((0, 32, 32), np.float16)
    evaluation = evaluate(nothing, [], nothing, maps > 0, maps, nothing > 0)
    table = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})
    held_out = GoodScores.of(np.linspace(0.3, 0.6, 24), "held-out", leave_one_out=True)
    run = writer.finish(table, evaluation.curves, maps, lambda folder: folder.mkdir(),
                        metrics=evaluation.metrics, reasons=evaluation.reasons, thresholds=evaluation.thresholds,
                        operating_points=of_good(held_out))
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "no test images" in read(app)
    assert [link.proto.label for link in app.get("page_link")] == [
        "Score an image with this run", "Look at its training photos with their held-out scores"]


def test_a_moved_data_set_still_shows_the_maps(make_run, data_root, open_page):
    run = make_run()
    shutil.rmtree(data_root / "tile")
    app = open_page("review", run=run.id)
    assert not app.exception
    found = seen(app, HOLE)
    assert "The photo cannot be shown" in found["notes"][0]
    assert TestClient(Starlette(routes=routes())).get(found["picture"]["layers"][0]["values"]).status_code == 200
    assert thumbnails(app) == {404}


def test_photos_outside_the_allowed_folders_are_refused(make_run, tmp_path, monkeypatch, open_page):
    run = make_run()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "outside the folders" in seen(app, HOLE)["notes"][0]
    assert seen(app, HOLE)["locked"]
    assert thumbnails(app) == {404}


HOSTILE = "<img src=x onerror=alert(1)> **b** ![a](http:..b) :red[c]"


def test_hostile_names_go_out_as_they_are(make_run, data_root, open_page):
    """The widget sets them as text (tests/browser)."""
    photo = data_root / "tile/test/hole/000.png"
    photo.rename(photo.with_name(f"{HOSTILE}.png"))
    (data_root / "tile/test/scratch").rename(data_root / "tile/test" / HOSTILE)
    app = open_page("review", run=make_run().id)
    assert not app.exception
    given = workspace(app)["images"]
    assert f"test/hole/{HOSTILE}.png" in given["names"]
    assert HOSTILE in given["kinds"]["words"]
    assert "onerror" not in read(app)


def test_a_run_with_a_truncated_file_says_which(make_run, open_page):
    run = make_run()
    (run.folder / "images.csv").write_text("path,spl")
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "images.csv" in read(app)

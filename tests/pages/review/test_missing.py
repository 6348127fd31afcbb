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
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.evaluation.evaluate import evaluate
from patchcore_core.evaluation.thresholds.methods import of_good
from patchcore_core.evaluation.thresholds.operating_point import GoodScores
from patchcore_core.fitting.draft import draft_run
from patchcore_core.runs.image_table import COLUMNS
from tests.pages.reading import component, read
from tests.pages.review.test_review import gallery, metric


def thumbnails(app):
    """How the server answers where the gallery looks for its pictures."""
    client = TestClient(Starlette(routes=routes()))
    return {client.get(place).status_code for place in component(app, "gallery")["addresses"]}


def test_without_defective_images_it_says_what_cannot_be_known(make_run, data_root, open_page):
    for kind in ("hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    app = open_page("review", run=make_run().id)
    assert not app.exception
    assert metric(app, "Image AUROC") == metric(app, "AUPRO") == "—"
    assert all("Not defined" in element.help for element in app.metric if "AU" in element.label)
    given = component(app, "tally")
    assert not given["kinds"]
    assert "recall is unknown" in given["no_kinds"]


def test_a_mask_that_is_drawn_anew_is_shown_anew(make_run, data_root, open_page):
    app = open_page("review", run=make_run().id, image="test/hole/000.png")
    before = component(app, "viewer")["picture"]
    mask = data_root / "tile/ground_truth/hole/000_mask.png"
    drawn = np.asarray(Image.open(mask)).copy()
    drawn[:2] = 255
    Image.fromarray(drawn).save(mask)
    os.utime(mask, ns=(0, mask.stat().st_mtime_ns + 1))
    app.run()
    after = component(app, "viewer")["picture"]
    assert after["truth"] != before["truth"]
    assert after["photo"] == before["photo"]


def test_without_masks_the_segmentation_is_neither_right_nor_wrong(make_run, data_root, open_page):
    shutil.rmtree(data_root / "tile/ground_truth")
    app = open_page("review", run=make_run().id, image="test/hole/000.png")
    assert not app.exception
    assert "its pixel outcomes are unknown" in read(app)
    assert component(app, "viewer")["picture"]["truth"] is None
    assert metric(app, "Image AUROC") != "—"


def test_without_a_known_label_the_threshold_is_nobodys(make_run, data_root, open_page):
    for photo in (data_root / "tile/test/good").iterdir():
        photo.rename(data_root / "tile/test" / photo.name)
    for kind in ("good", "hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    run = make_run()
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "no good test images to set a threshold on" in read(app)
    assert "Set manually" not in "".join(caption.value for caption in app.caption[:2])
    app = open_page("review", run=run.id, threshold="0.1")
    assert "manually" in read(app)
    app = open_page("review", run=run.id, level="pixels")
    assert "no good test images to set a threshold on" in read(app)
    assert "manually" not in read(app)


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
    assert metric(app, "Image AUROC") == "—"
    assert "held-out threshold" in read(app)  # it decides about new images
    assert "no threshold" not in read(app)


def test_a_moved_data_set_still_shows_the_maps(make_run, data_root, open_page):
    run = make_run()
    shutil.rmtree(data_root / "tile")
    app = open_page("review", run=run.id, image="test/hole/000.png")
    assert not app.exception
    assert "The photo cannot be shown" in read(app)
    assert component(app, "viewer")["picture"]["layers"][0]["values"]
    assert thumbnails(app) == {404}


def test_photos_outside_the_allowed_folders_are_refused(make_run, tmp_path, monkeypatch, open_page):
    run = make_run()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "outside the folders" in read(app)
    assert thumbnails(app) == {404}


HOSTILE = "<img src=x onerror=alert(1)> **b** ![a](http:..b) :red[c]"


def test_hostile_names_stay_text(make_run, data_root, open_page):
    photo = data_root / "tile/test/hole/000.png"
    photo.rename(photo.with_name(f"{HOSTILE}.png"))
    (data_root / "tile/test/scratch").rename(data_root / "tile/test" / HOSTILE)
    app = open_page("review", run=make_run().id, image=f"test/hole/{HOSTILE}.png")
    assert not app.exception
    assert gallery(app)["selected"] == f"test/hole/{HOSTILE}.png"
    rendered = [str(element.value) for kind in (app.markdown, app.caption, app.info, app.warning, app.error)
                for element in kind]
    assert not any("onerror" in text for text in rendered)
    assert any(HOSTILE in element.value for element in app.text)


def test_a_run_with_a_truncated_file_says_which(make_run, open_page):
    run = make_run()
    (run.folder / "images.csv").write_text("path,spl")
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "images.csv" in read(app)

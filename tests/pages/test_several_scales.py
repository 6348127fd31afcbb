"""A run of two image sizes on every page, fitted with the bundled network, as a bank of each is looked into."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pages.ui.compare.runs import names_of
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.run_names import settings
from tests.pages.reading import component, read


@pytest.fixture
def fitted(store: RunStore, data_root: Path) -> Run:
    config = PatchCoreConfig.preset("careful", scales=(48, 96), image_size=64, coreset_ratio=0.5, num_neighbors=1)
    return fit_run(load_dataset(data_root / "tile"), config, store).run


def test_a_run_of_two_scales_goes_through_every_page(
    fitted: Run, make_run: Callable[..., Run], open_page: Any, data_root: Path
) -> None:
    """One test, since the fit and the loading of its model take seconds."""
    assert fitted.input_shape == (64, 64)
    single = dataclasses.replace(fitted, config=dataclasses.replace(fitted.config, scales=()))
    assert names_of([fitted, single]) == ["A · 48 + 96", "B · one scale"]
    other = make_run()
    for page, query in (("overview", {}), ("review", {"run": fitted.id}), ("fit", {}),
                        ("compare", {"runs": f"{fitted.id},{other.id}"})):
        app = open_page(page, **query)
        assert not app.exception, page
        assert not app.error, page
        if page == "overview":
            shown = app.dataframe[0].value.set_index("run")["scales"]
            assert shown[fitted.id] == "48 + 96"
            assert pd.isna(shown[other.id])
    photo = next((data_root / "tile/test/hole").iterdir())
    app = open_page("inspect_image", run=fitted.id)
    app.file_uploader[0].set_value([(photo.name, photo.read_bytes(), "image/png")])
    app.run()
    assert not app.exception
    (patch, *_) = component(app, "evidence")["image"]["patches"]
    assert patch["scale"] in ("at 48 px", "at 96 px")
    assert patch["near"][0]["name"].startswith("train/good/")
    assert "48 + 96 px" in settings(fitted.config)
    app = open_page("memory_bank", run=fitted.id)
    assert not app.exception
    rows = [int(read(app).split(" rows of ")[0].rsplit(None, 1)[-1])]
    app.segmented_control(key="bank_scale").set_value(1).run()
    assert not app.exception
    rows.append(int(read(app).split(" rows of ")[0].rsplit(None, 1)[-1]))
    assert (rows[1], sum(rows)) == (4 * rows[0], fitted.bank["rows"])
    app = open_page("training_photos", run=fitted.id)
    assert not app.exception
    assert "scale 48 px" in read(app) or "scale 96 px" in read(app)

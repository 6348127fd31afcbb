"""Every page with runs whose input is tall, or a strip: fitted with the bundled network on made photos."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from pages.ui.media.about import about
from pages.ui.review import image_data as review_image
from pages.ui.review.workspace import levels
from pages.ui.review.workspace.regions import regions
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.evaluation.image_regions import regions_of_image
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.store import Run, RunStore
from tests.fitting.test_shapes import write
from tests.pages.reading import checks, read, workspace

CONFIG = PatchCoreConfig.preset("quick", image_size=96, coreset_ratio=0.2, device="cpu", engine="torch")
SIZES = {"tall": (150, 60), "strip": (24, 192)}
SHAPES = {"tall": (144, 64), "strip": (32, 272)}


class Shaped(NamedTuple):
    """A category of photos of one size, its run that keeps their proportions and the one that stretches them."""

    name: str
    folder: Path
    kept: Run
    stretched: Run


@pytest.fixture(scope="module", params=sorted(SIZES))
def fitted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shaped:
    root = tmp_path_factory.mktemp(request.param)
    folder = write(root / "data" / request.param, *SIZES[request.param], train=6, tested=2)
    store, dataset = RunStore(root / "runs"), load_dataset(folder)
    stretched = dataclasses.replace(CONFIG, proportions="stretch")
    return Shaped(request.param, folder, fit_run(dataset, CONFIG, store).run, fit_run(dataset, stretched, store).run)


@pytest.fixture
def shaped(fitted: Shaped, monkeypatch: pytest.MonkeyPatch) -> Shaped:
    """The same as what the pages read."""
    monkeypatch.setenv("PATCHCORE_DATA", str(fitted.folder.parent))
    monkeypatch.setenv("PATCHCORE_RUNS", str(fitted.kept.folder.parent))
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(fitted.folder.parents[1] / "sample"))
    return fitted


def test_overview_shows_the_input_beside_the_image_size(shaped: Shaped, open_page: Any) -> None:
    app = open_page("overview")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "input" in frame.value)
    of = table.set_index("run")
    assert of.loc[shaped.kept.id, "input"] == "{} x {}".format(*SHAPES[shaped.name])
    assert of.loc[shaped.stretched.id, "input"] == "96 x 96"
    assert of["image_size"].tolist() == [96, 96]


def test_fit_forecasts_the_input_of_the_photos(shaped: Shaped, open_page: Any) -> None:
    app = open_page("fit")
    assert not app.exception
    height, width = {"tall": (512, 208), "strip": (112, 912)}[shaped.name]
    forecast = app.dataframe[-1].value
    assert forecast["Input, px"].tolist() == [f"{height} x {width}"]
    assert forecast["Patches"].tolist() == [f"{6 * (height // 8) * (width // 8):,}"]
    app.selectbox("fit_quick_proportions").set_value("stretch").run()
    assert app.dataframe[-1].value["Input, px"].tolist() == ["320 x 320"]


def test_fit_refuses_a_crop_of_kept_proportions(shaped: Shaped, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("fit")
    app.number_input("fit_quick_center_crop").set_value(224).run()
    assert "center_crop must be none where proportions is keep" in app.error[0].value.replace("\\", "")


def test_review_lays_the_map_on_the_photo(shaped: Shaped, open_page: Any) -> None:
    run = shaped.kept
    app = open_page("review", run=run.id, image="test/box/1.png")
    assert not app.exception
    assert "aspect ratios alike" in checks(app)
    number = workspace(app)["images"]["names"].index("test/box/1.png")
    (layer,) = about(run, number)["picture"]["layers"]
    assert tuple(layer["shape"]) == SHAPES[shaped.name]
    assert (layer["placing"]["rows"], layer["placing"]["columns"]) == SHAPES[shaped.name]
    assert tuple(layer["placing"]["seen"]) == (0, 0, *SIZES[shaped.name])
    row, column = layer["peak"]
    here = review_image.image_data(run, number)
    assert here.truth is not None
    defect = np.argwhere(here.truth)
    assert np.abs(defect - (row, column)).max(axis=1).min() <= 8  # the peak lies on the photo's defect


def test_the_regions_of_review_are_those_of_the_map(shaped: Shaped) -> None:
    run = shaped.kept
    number = _row(run, "test/box/0.png")
    here = review_image.image_data(run, number)
    assert here.map_truth is not None
    assert here.scores.shape == here.map_truth.defect.shape == SHAPES[shaped.name]
    threshold = levels.of_pixels(run).value
    expected = regions_of_image(here.scores, here.map_truth.defect, threshold, trim=Trim.read(run.trim))
    told = regions(run, number, threshold)
    assert len(told["table"]["rows"]) == len(told["boxes"]) == len(expected)
    for region, row in zip(expected, told["table"]["rows"], strict=True):
        assert f"{region.area:,} px" in str(row)


def test_compare_shows_both_inputs(shaped: Shaped, open_page: Any) -> None:
    app = open_page("compare", runs=f"{shaped.kept.id},{shaped.stretched.id}")
    assert not app.exception
    settings = next(table.value for table in app.table if "proportions" in table.value.index)
    assert settings.loc["network's input, px"].tolist() == ["{} x {}".format(*SHAPES[shaped.name]), "96 x 96"]


def test_inspect_scores_a_photo_and_says_where_it_is_unlike_the_learned(shaped: Shaped, open_page: Any) -> None:
    photo = shaped.folder / "test" / "box" / "0.png"
    square = shaped.folder.parents[1] / "square.png"
    square.write_bytes(_square())
    app = open_page("inspect_image", run=shaped.kept.id)
    app.file_uploader[0].set_value([(path.name, path.read_bytes(), "image/png") for path in (photo, square)])
    app.run()
    assert not app.exception
    assert "Defective: the score" in read(app)
    (said,) = [warning.value.replace("\\", "") for warning in app.warning]
    assert said == ("square.png: its aspect ratio (40 x 40) differs by more than 15 % from that of every training "
                    "photo")  # fmt: skip


def _row(run: Run, name: str) -> int:
    images = RunStore(run.folder.parent).images(run)
    return next(place for place, path in enumerate(images["path"]) if path.endswith(name))


def _square() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 40), (110, 110, 110)).save(out, "PNG")
    return out.getvalue()

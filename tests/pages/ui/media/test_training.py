"""Pictures of training images over HTTP: the photo as it is, and the held-out map computed when it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui.media import address
from pages.ui.media.answers import LASTING
from pages.ui.media.routes import routes
from pages.ui.media.training import key_of
from patchcore_core.data.images import read_image
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.folder import TRAINING_IMAGES
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.fitting.bank.fitted import fitted
from tests.pages.memory_bank.conftest import run

__all__ = ["fitted", "run"]
NUMBER = 2


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes()))


def image_of(run: Run, number: int = NUMBER) -> TrainingImage:
    images = RunStore().training_images(run)
    assert images is not None
    return images[number]


def at(run: Run, kind: str) -> str:
    return address.picture(run.id, NUMBER, key_of(run, NUMBER), kind, "training")


def naive_map(run: Run) -> np.ndarray:
    """The map by hand: to each patch of the photo the mean distance of the two nearest rows of other photos."""
    model = load_detector(RunStore().bank_folder(run))
    path = Path(run.dataset) / image_of(run).path
    explained, (bank,) = model.explain(read_image(path)), model.banks
    own = [Path(one).name for one in model.training.paths].index(path.name)
    rows = np.asarray(bank.patches, np.float64)[np.asarray(bank.origin)[:, 0] != own]
    patches = np.asarray(explained.patches[0], np.float64).reshape(-1, rows.shape[1])  # (P, D)
    distances = np.sqrt(((patches[:, None] - rows[None]) ** 2).sum(2))
    found = np.sort(distances, axis=1)[:, :2].mean(1).reshape(explained.grids[0]).astype(np.float32)
    return np.asarray(model.anomaly_maps(found[None]))[0]


def test_a_photo_comes_without_a_map_until_one_is_asked_for(run: Run, client: TestClient) -> None:
    known = client.get(address.about_training(run.id, NUMBER)).json()
    picture = known["picture"]
    assert (picture["name"], picture["layers"], picture["truth"]) == (image_of(run).path, [], None)
    assert (known["usual"], known["notes"], known["changed"]) == (["photo"], [], [])
    answer = client.get(picture["photo"])
    assert answer.content == (Path(run.dataset) / image_of(run).path).read_bytes()
    assert answer.headers["cache-control"] == LASTING
    assert client.get(at(run, "thumbnail")).headers["content-type"] == "image/jpeg"


def test_the_map_is_that_of_a_bank_without_the_photos_own_rows(run: Run, client: TestClient) -> None:
    known = client.get(address.about_training(run.id, NUMBER, with_map=True)).json()
    (layer,) = known["picture"]["layers"]
    assert "without its own rows" in known["panes"]["map"]
    answer = client.get(layer["values"])
    values = np.frombuffer(answer.content, "<f2" if layer["half"] else "<f4").reshape(layer["shape"])
    np.testing.assert_allclose(values, naive_map(run), rtol=2e-3, atol=2e-3)
    assert answer.headers["cache-control"] == LASTING
    assert client.get(at(run, "least")).status_code == 404  # this run does not trim


def test_what_cannot_be_shown_is_said(run: Run, client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
                                      ) -> None:  # fmt: skip
    place = at(run, "photo")
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    known = client.get(address.about_training(run.id, NUMBER, with_map=True)).json()
    assert "outside the folders" in known["notes"][0]
    assert list(known["panes"]) == ["photo"]
    assert client.get(place).headers["cache-control"] == "no-store"
    for kind in ("thumbnail", "map"):
        assert client.get(at(run, kind)).status_code == 404


@pytest.mark.parametrize("end", ["99/about", "99/0/photo", "0/0/photo", "0/{key}/truth", "-1/about"])
def test_addresses_of_nothing_are_not_found(run: Run, client: TestClient, end: str) -> None:
    key = at(run, "photo").split("/")[-2]
    assert client.get(f"{address.base(run.id, 'training')}/{end.format(key=key)}").status_code == 404


def test_a_run_without_a_record_of_them_has_none(run: Run, client: TestClient) -> None:
    (run.folder / TRAINING_IMAGES).unlink()
    assert client.get(address.about_training(run.id, 0)).status_code == 404

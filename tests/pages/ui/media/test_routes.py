"""Pictures over HTTP: what stands at an address, how long it lasts, and what is refused."""

from __future__ import annotations

import io
import os
import shutil
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import cache
from pages.ui.media import address
from pages.ui.media.answers import LASTING
from pages.ui.media.routes import routes
from patchcore_core.runs.store import Run, RunStore


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    return make_run()


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes()))


def at(run: Run, number: int, kind: str) -> str:
    images = RunStore().images(run)
    return address.picture(run.id, number, address.keys(run, images)[number], kind)


def defective(run: Run) -> int:
    return int(np.flatnonzero(RunStore().images(run)["label"] == 1)[0])


def grey(photo: bytes) -> bool:
    return Image.open(io.BytesIO(photo)).convert("L").getextrema() == (128, 128)


def test_a_photo_is_the_file_itself_and_lasts(run, client):
    answer = client.get(at(run, 2, "photo"))
    assert answer.content == Path(RunStore().images(run)["path"][2]).read_bytes()
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/png", LASTING)
    assert "immutable" in LASTING
    assert client.head(at(run, 2, "photo")).status_code == 200


def test_a_thumbnail_is_a_small_jpeg(run, client):
    answer = client.get(at(run, 0, "thumbnail"))
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, max(picture.size) <= 128) == ("JPEG", True)
    assert "x-note" not in answer.headers


def test_truth_map_and_what_trim_keeps_are_those_of_the_run(make_run, client):
    run = make_run(trusted=True, region_trim=True)
    number = defective(run)
    row, stored = RunStore().images(run).iloc[number], RunStore().anomaly_maps(run)
    mask = np.asarray(Image.open(row["mask_paths"][0])) > 0
    bits = np.frombuffer(zlib.decompress(client.get(at(run, number, "truth")).content), np.uint8)
    assert np.array_equal(np.unpackbits(bits)[: mask.size].reshape(mask.shape).astype(bool), mask)
    values = np.frombuffer(client.get(at(run, number, "map")).content, "<f2").reshape(stored.shape[1:])
    assert np.array_equal(values, stored[row["map_index"]])
    least = np.frombuffer(zlib.decompress(client.get(at(run, number, "least")).content), "<f4")
    assert least.size == values.size
    assert (least >= values.min()).all()


def test_what_is_known_of_an_image_leads_to_its_pictures(run, client):
    answer = client.get(address.about(run.id, defective(run)))
    known, images = answer.json(), RunStore().images(run)
    picture = known["picture"]
    assert answer.headers["cache-control"] == "no-store"
    assert images["path"][defective(run)].endswith(picture["name"])
    assert [known["changed"], known["masks_changed"], known["notes"]] == [[], False, []]
    assert list(known["panes"]) == ["photo", "truth", "map", "prediction"]
    (layer,) = picture["layers"]
    for place in (picture["photo"], picture["truth"], layer["values"], layer["good"]):
        assert client.get(place).headers["cache-control"] == LASTING
    assert layer["least"] is None
    assert client.get(at(run, defective(run), "least")).status_code == 404


def test_a_second_run_gives_its_map_of_the_same_photo(make_run, client):
    run, other = make_run(), make_run(image_size=48)
    known = client.get(address.about(run.id, 3, other.id)).json()
    first, second = known["picture"]["layers"]
    assert (run.id in first["values"], other.id in second["values"]) == (True, True)
    assert "map2" in known["panes"]
    assert client.get(second["values"]).status_code == 200
    assert len(client.get(address.about(run.id, 3, "20200101-000000-none-0000")).json()["picture"]["layers"]) == 1


def test_what_has_changed_stands_at_another_address(run, client):
    before, path = at(run, 1, "photo"), Path(RunStore().images(run)["path"][1])
    Image.new("RGB", (32, 32), "red").save(path)
    answer = client.get(before)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert answer.text == "The photo, a mask or the run has changed; load the page again."
    assert client.get(at(run, 1, "photo")).content == path.read_bytes()
    assert client.get(at(run, 1, "thumbnail")).headers["x-note"] == "file changed since the run"
    assert "changed since the run" in client.get(address.about(run.id, 1)).json()["changed"][0]


@pytest.fixture
def settled(make_run, monkeypatch) -> Run:
    """A run that recorded its files' contents, long after they were written."""
    run = make_run(trusted=True)
    later = replace(run, created_at=(datetime.now(UTC) + timedelta(seconds=60)).isoformat())
    monkeypatch.setattr(cache, "load_run", lambda _: later)
    return later


def test_a_picture_is_named_by_the_content_that_was_scored(settled, client):
    before, path = at(settled, 1, "photo"), Path(RunStore().images(settled)["path"][1])
    content = path.read_bytes()
    os.replace(shutil.copy(path, path.with_suffix(".new")), path)  # another file of the same content
    assert at(settled, 1, "photo") == before
    assert client.get(before).headers["cache-control"] == LASTING
    os.utime(path, (time.time() + 120,) * 2)
    assert at(settled, 1, "photo") != before
    assert client.get(at(settled, 1, "photo")).content == content


def test_a_photo_replaced_without_a_trace_in_its_times_does_not_last(settled, client):
    before, path = at(settled, 1, "photo"), Path(RunStore().images(settled)["path"][1])
    Image.new("RGB", (32, 32), "red").save(path)
    assert at(settled, 1, "photo") == before
    for kind in ("photo", "thumbnail"):
        assert client.get(at(settled, 1, kind)).headers["cache-control"] == "no-store"
    assert client.get(at(settled, 1, "map")).headers["cache-control"] == LASTING
    assert "changed since the run" in client.get(address.about(settled.id, 1)).json()["changed"][0]


def test_a_photo_that_is_gone_is_grey_for_now(run, client):
    path = Path(RunStore().images(run)["path"][1])
    path.unlink()
    answer = client.get(at(run, 1, "photo"))
    assert grey(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(at(run, 1, "thumbnail")).status_code == 404
    assert client.get(address.about(run.id, 1)).json()["notes"][0].startswith("The photo cannot be shown: ")


def test_photos_outside_the_allowed_folders_are_not_sent(run, client, monkeypatch, tmp_path):
    places = {kind: at(run, defective(run), kind) for kind in ("photo", "thumbnail", "truth", "map")}
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    photo = client.get(places["photo"])
    assert grey(photo.content)
    assert photo.headers["cache-control"] == "no-store"
    for kind in ("thumbnail", "truth"):
        assert client.get(places[kind]).status_code == 404
        assert "PATCHCORE_DATA" in client.get(places[kind]).text
    assert client.get(places["map"]).status_code == 200  # it is the run's


@pytest.mark.parametrize("end", ["99/0/photo", "0/0/photo", "0/{key}/password", "-1/{key}/photo", "x/{key}/photo",
                                 "99/about", "../../etc/passwd", "0/{key}/%2e%2e%2fphoto"])
def test_addresses_of_nothing_are_not_found(run, client, end):
    key = at(run, 0, "photo").split("/")[-2]
    answer = client.get(f"{address.base(run.id)}/{end.format(key=key)}")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["20200101-000000-none-0000", "..", "%2e%2e", "%00", "a" * 500])
def test_unknown_runs_are_not_found(store, client, name):  # noqa: ARG001
    assert client.get(f"/pictures/{name}/test/0/about").status_code == 404


def test_runs_that_are_not_finished_have_no_pictures(make_run, client):
    answer = client.get(address.about(make_run("failed").id, 0))
    assert (answer.status_code, answer.text.endswith("is failed.")) == (404, True)


def test_a_host_that_streamlit_refuses_is_refused(run, client, monkeypatch):
    monkeypatch.setattr("pages.ui.media.answers.is_host_allowed", lambda host: host == "inside.test")
    assert client.get(address.about(run.id, 0)).status_code == 403
    assert client.get(address.about(run.id, 0), headers={"host": "inside.test"}).status_code == 200


def test_no_address_holds_a_path(run, client):
    text = client.get(address.about(run.id, defective(run))).text + at(run, 0, "photo")
    assert str(Path(run.dataset).parent) not in text


def test_the_first_page_is_found_by_its_name_too(client):
    answer = client.get("/overview?category=a%20b&text=//c", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/?category=a%20b&text=//c")

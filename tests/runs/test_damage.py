"""Damaged and hostile files of a run: read, or named with the cause; nothing large is read, other runs stay."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patchcore_core.cli.main import main
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.fit import compute_queued, fit_run
from patchcore_core.fitting.forecast import forecast
from patchcore_core.runs.map_summaries import map_summary, read_summary
from patchcore_core.runs.record import Run, to_json
from patchcore_core.runs.store import RunStore
from tests.runs.mutate import mutations
from tests.tiny import write_category

CONFIG = PatchCoreConfig(image_size=64, device="cpu")
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def fitted(store, category, stand_in) -> Run:  # noqa: ARG001
    """A run as a fit writes it, with everything that is recorded of it."""
    return fit_run(load_dataset(category), CONFIG, store).run


def rewrite(run: Run, record: object) -> None:
    (run.folder / "run.json").write_text(json.dumps(record), encoding="utf-8", errors="surrogatepass")


@MANY
@given(data=st.data())
def test_a_record_changed_at_any_place_is_read_or_named(store, fitted, finish, draft, capsys, data):
    original = (fitted.folder / "run.json").read_text()
    whole = store.find("whole") or finish(store.begin(draft(identity="whole")))
    try:
        rewrite(fitted, data.draw(mutations(json.loads(original))))
        listed = {run.id: run for run in store.list()}
        assert listed[whole.id] == whole
        found = listed[fitted.id]
        if found.status == "failed":
            assert found.error
            assert str(fitted.folder) in found.error
        json.dumps(to_json(found), allow_nan=False)
        forecast(CONFIG, 6, 6, (8, 8), 40, store.list())
        for command in (["runs"], ["show", fitted.id], ["show", fitted.id, "--json"]):
            assert main([*command, "--runs", str(store.root)]) == 0
            assert "Traceback" not in "".join(capsys.readouterr())
    finally:
        (fitted.folder / "run.json").write_text(original)


@pytest.mark.parametrize(("place", "value", "words"), [
    ("metrics.image_auroc", 7, "metrics.image_auroc must be a number from 0 to 1, got 7"),
    ("metrics", [1], "metrics must be an object, got [1]"), ("bank.rows", -5, "bank.rows must be a whole number"),
    ("seconds.total", 10**400, "seconds.total must be a number"), ("counts", {"train": "six"}, "dataset.counts.train"),
    ("found", {"method": "x"}, "found.threshold is missing"), ("found.good", -1, "found.good must be a whole number"),
    ("found.found", 10**6, "found.found must be at most found.defective"),
    ("badges.0.level", "loud", "badges[0].level must be one of ok, note, warning"),
    ("config.layers", [1, 2], "layers must be"), ("config.layers", "abc", "layers must be a list"),
    ("config.weights", 5, "weights must be"), ("config.blur_sigma", 1e30, "blur_sigma must be at most"),
    ("process.pid", 10**40, "process.pid must be a whole number"), ("status", "running", "status must be finished"),
    ("files", {"../../x": 1}, "not in the folder"), ("created_at", "soon", "created_at must be an ISO time"),
])  # fmt: skip
def test_the_cause_names_the_field(store, fitted, place, value, words):
    record = json.loads((fitted.folder / "run.json").read_text())
    record["badges"] = record["badges"] or [{"key": "k", "level": "ok", "label": "l", "sentence": "s", "counts": {}}]
    record["process"] = {"pid": 1, "started": 1.0, "host": "here", "computes": True}
    *way, last = (["dataset", "counts"] if place == "counts" else place.split("."))
    parent = record
    for key in way:
        parent = parent[int(key) if key.isdigit() else key]
    parent[last] = value
    rewrite(fitted, record)
    (found,) = store.list()
    assert (found.status, found.broken) == ("failed", True)
    assert found.error.startswith(f"{fitted.folder / 'run.json'}: ")
    assert words in found.error


def test_an_operating_point_without_a_field_is_named(store, fitted):
    record = json.loads((fitted.folder / "run.json").read_text())
    del record["operating_points"][0]["sentence"]
    rewrite(fitted, record)
    assert "operating_points[0].sentence is missing" in store.get(fitted.id).error


@pytest.mark.parametrize("raw", ["[" * 100_000, '{"a":' * 100_000, '{"status": 1e999', "9" * 100_000, "\0", ""])
def test_what_no_parser_takes_is_named(store, fitted, raw):
    (fitted.folder / "run.json").write_text(raw)
    assert str(fitted.folder / "run.json") in store.get(fitted.id).error


def test_a_record_of_gigabytes_is_not_read(store, fitted):
    with (fitted.folder / "run.json").open("r+b") as file:
        file.truncate(2**33)
    started = time.monotonic()
    assert "8589934592 bytes, more than the" in store.get(fitted.id).error
    assert time.monotonic() - started < 5


def test_settings_of_a_newer_version_are_kept_and_said(store, fitted, capsys):
    record = json.loads((fitted.folder / "run.json").read_text())
    record["config"] |= {"warp": [1, {"x": None}]}
    rewrite(fitted, record)
    found = store.get(fitted.id)
    assert (found.status, found.config) == ("finished", fitted.config)
    assert found.unknown_settings == {"warp": [1, {"x": None}]}
    assert [text for text in found.warnings if "warp" in text] == [
        "of a newer version and unknown here: the setting warp; it is kept, but the run cannot be fitted again with it"]
    assert to_json(found)["config"]["warp"] == [1, {"x": None}]
    assert len(store.images(found)) == 6
    assert main(["show", found.id, "--runs", str(store.root)]) == 0
    assert "the setting warp" in capsys.readouterr().out


def test_a_fit_with_settings_of_a_newer_version_is_refused(store, category, stand_in):
    writer = store.begin(draft_run(load_dataset(category), CONFIG, status="queued"))
    writer.update(unknown_settings={"warp": 1})
    with pytest.raises(ConfigError, match="the setting warp"):
        compute_queued(store.writer(writer.run.id))
    assert stand_in.PatchCore.fits == 0
    with pytest.raises(ConfigError, match="no field 'warp'"):
        PatchCoreConfig.from_dict({"warp": 1})


@MANY
@given(data=st.data())
def test_progress_changed_at_any_place_is_none_or_progress(store, draft, data):
    writer = store.find("same") or store.begin(draft()).run
    path = writer.folder / "progress.json"
    progress = {"stage": "features", "done": 1, "total": 2, "updated_at": "2026-01-02T03:04:05+00:00",
                "seconds_left": 5.0, "run_seconds_left": None}  # fmt: skip
    path.write_text(json.dumps(data.draw(mutations(progress))), encoding="utf-8", errors="surrogatepass")
    if (found := store.progress(writer.id)) is not None:
        assert found.done >= 0 <= found.total
        assert found.seconds_left is None or not abs(found.seconds_left) > 1e10


# images.csv

@pytest.mark.parametrize(("old", "new", "words"), [
    ("test/good/000.png", "../../etc/passwd", "no path within the dataset"),
    ("test/good/000.png", "/etc/passwd", "no path within the dataset"),
    ("test/good/000.png", "", "no path within the dataset"),
    ("ground_truth/hole/000_mask.png", "../../../etc/passwd", "no path within the dataset"),
    ("ground_truth/hole/000_mask.png", "/etc/passwd", "no path within the dataset"),
    (r'\[""ground_truth/hole/000_mask.png""\]', "[5]", "mask_paths[0] must be text"),
    (r'\[""ground_truth/hole/000_mask.png""\]', "{}", "mask_paths must be a list"),
    (r'\[""ground_truth/hole/000_mask.png""\]', "[", "Expecting value"),
    (",test,0,good", ",test,7,good", "label cannot be 7"), (",64,64,", ",0,64,", "height cannot be 0"),
    (",64,64,", ",64,-3,", "width cannot be -3"), (",64,64,", ",1e999,64,", "cannot safely convert|invalid literal"),
    (r",good,,[0-9.e-]+,", ",good,,1e999,", "image_score cannot be inf|cannot safely convert"),
    (",1,1.0,", ",1,7.0,", "mask_kept"),
    (",64,64,1,", ",64,64,99,", "orientation cannot be 99"),
    (r"^path,", "paths,", "expected one row"), (r"\n.*\Z", "", "expected one row per anomaly map"),
])  # fmt: skip
def test_a_table_of_images_that_cannot_be_is_named(store, fitted, old, new, words):
    path = fitted.folder / "images.csv"
    text = path.read_text().rstrip("\n")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed + "\n")
    with pytest.raises(StoreError, match=re.escape(str(path))) as refusal:
        store.images(fitted)
    assert any(said in str(refusal.value) for said in words.split("|"))  # as versions of pandas say it


def test_a_table_of_gigabytes_is_not_read(store, fitted):
    with (fitted.folder / "images.csv").open("r+b") as file:
        file.truncate(2**33)
    with pytest.raises(StoreError, match=r"images.csv: .*8589934592 bytes"):
        store.images(fitted)


# arrays

def npy_header(shape: tuple[int, ...], kind: str = "<f8") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": kind, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def bomb(path: Path, megabytes: int) -> None:
    """An archive of a few kilobytes of one array of so many megabytes of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("image_tp.npy", "w") as file:
        file.write(npy_header((megabytes, 2**17)))
        for _ in range(megabytes):
            file.write(bytes(2**20))


def lie(path: Path, shape: tuple[int, ...], kind: str = "<f8") -> None:
    """An archive whose array claims another size than it has."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("image_tp.npy", npy_header(shape, kind) + bytes(64))


@pytest.mark.parametrize(("name", "read"), [
    ("curves.npz", lambda store, run: store.curves(run)), ("map_summary.npz", lambda _, run: read_summary(run.folder)),
])  # fmt: skip
def test_arrays_are_not_unpacked_before_their_sizes_are_known(store, fitted, name, read):
    path = fitted.folder / name
    bomb(path, 80)
    assert path.stat().st_size < 10**6
    with pytest.raises(StoreError, match=re.escape(f"{path}: ") + r".*would unpack to \d+ bytes"):
        read(store, fitted)
    for shape, kind in ((10**12, "<f8"), (-8, "<f8"), (2**70, "<f8"), (8, "|O"), (8, "<U2"), (4, "<f8")):
        lie(path, (shape,), kind)
        with pytest.raises(StoreError, match=re.escape(f"{path}: ")):
            read(store, fitted)


def test_curves_that_do_not_belong_together_are_named(store, fitted):
    arrays = store.curves(fitted).arrays()
    for change, said in (
        ({"image_tp": arrays["image_tp"][:-1]}, "image_tp, image_fp are not of one length"),
        ({"pixel_negatives": np.zeros(2)}, r"pixel_negatives has the shape \(2,\)"),
    ):
        np.savez(fitted.folder / "curves.npz", **{**arrays, **change})
        with pytest.raises(StoreError, match=f"curves.npz: .*{said}"):
            store.curves(fitted)
    np.savez(fitted.folder / "curves.npz", **{name: values for name, values in arrays.items() if name != "image_fp"})
    with pytest.raises(StoreError, match="the arrays image_fp are missing"):
        store.curves(fitted)


def test_a_summary_of_other_maps_is_made_anew(store, fitted):
    kept = read_summary(fitted.folder)
    arrays = kept.arrays()
    for change in ({"peak": arrays["peak"][:-1]}, {"defect": arrays["defect"][:, :-1]}, {"side": np.zeros(3)},
                   {"other": np.zeros(3)}):  # fmt: skip
        np.savez(fitted.folder / "map_summary.npz", **{**arrays, **change})
        with pytest.raises(StoreError, match=r"map_summary.npz"):
            read_summary(fitted.folder)
        np.testing.assert_array_equal(map_summary(store, fitted).peak, kept.peak)


@pytest.mark.parametrize("header", [
    npy_header((6, 64, 64), "<f8"), npy_header((10**9, 64, 64), "<f2"), npy_header((6, 64), "<f2"), b"",
    npy_header((6, 32, 128), "<f2"), npy_header((6, 64, 64), "|O"), b"\x93NUMPY\x03\x00",
])  # fmt: skip
def test_maps_of_another_size_than_their_file_are_named(store, fitted, header):
    path = fitted.folder / "anomaly_maps.npy"
    path.write_bytes(header + bytes(6 * 64 * 64 * 2))
    with pytest.raises(StoreError, match=re.escape(f"{path}: ")):
        store.anomaly_maps(fitted)


def test_a_store_with_a_damaged_run_still_fits(store, fitted, tmp_path):
    rewrite(fitted, {**json.loads((fitted.folder / "run.json").read_text()), "seconds": {"total": "long"}})
    other = fit_run(load_dataset(write_category(tmp_path / "other", seed=1)), CONFIG, store).run
    assert {run.id: run.status for run in RunStore(store.root).list()} == {fitted.id: "failed", other.id: "finished"}

"""A tiny data set, runs in every state made without a network, and the app as a visitor sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample, load_dataset
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.badges.of_fit import Trained
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.good_scores import HeldOutScores, Pixels
from patchcore_core.fitting.judge import judge
from patchcore_core.jobs import first_start
from patchcore_core.runs.process import process_record
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.runs.writer import RunWriter
from tests.places import ROOT

SIDE = 32
BACKGROUND = ("first-start", "map-summary", "memory-bank", "review-answer")  # threads that pages begin


@pytest.fixture(scope="session", autouse=True)
def _packages_are_searched_once() -> Iterator[None]:
    """Streamlit looks for components in all installed packages whenever a test runs an app, a server only when it
    starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def _fresh_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Streamlit's caches outlive a test; the working folder is the repository, as for `streamlit run`."""
    monkeypatch.chdir(ROOT)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def _nothing_goes_on_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty store starts no fit of the sample set unless a test asks for it, and no thread that a page has begun
    outlives the test, or it would call what the next one has put in the place of a function."""
    monkeypatch.setattr(first_start, "write_sample", lambda *_: ())
    yield
    for thread in threading.enumerate():
        if thread.name in BACKGROUND:
            thread.join()


@pytest.fixture
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PATCHCORE_DATA with one MVTec AD category `tile`: 6 good to learn from, 4 good and 3 + 2 defective to judge."""
    root = tmp_path / "data"
    rng = np.random.default_rng(0)
    for folder, count in (("train/good", 6), ("test/good", 4), ("test/hole", 3), ("test/scratch", 2)):
        for number in range(count):
            _write_photo(root / "tile" / folder / f"{number:03d}.png", rng, folder.split("/")[1])
    monkeypatch.setenv("PATCHCORE_DATA", str(root))
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(tmp_path / "sample"))
    return root


@pytest.fixture
def store(tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:  # noqa: ARG001
    """An empty store, the one that the pages read."""
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    return RunStore()


@pytest.fixture
def make_run(store: RunStore, data_root: Path) -> Callable[..., Run]:
    """`make_run(status="finished", **config fields)` puts a run of `tile` into the store.

    With `trusted` it has all that a fit records of how far its figures can be trusted; without, it is as older runs.
    """

    def make(status: str = "finished", trusted: bool = False, **fields: Any) -> Run:
        config = PatchCoreConfig(**{"image_size": SIDE, **fields})
        dataset = load_dataset(data_root / "tile")
        draft = draft_run(dataset, config, status="queued" if status == "queued" else "running")
        writer = store.begin(draft)
        assert isinstance(writer, RunWriter)
        return _finish(writer, trusted) if status == "finished" else _brought_to(status, writer, store)

    return make


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """`open_page("review", run=ID)`: the app started at app.py, then switched to that page with that address."""

    def go(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"pages/{page}.py").run()

    return go


def _brought_to(status: str, writer: RunWriter, store: RunStore) -> Run:
    run_id = writer.run.id
    if status in ("failed", "cancelled"):
        writer.end(status, "there is no space left on the device")
    elif status == "lost":
        writer.update(process=replace(process_record(), pid=2**22 + 1))
    else:
        writer.progress("features", 3, 6)
    return store.get(run_id)


def _finish(writer: RunWriter, trusted: bool) -> Run:
    dataset = load_dataset(writer.run.dataset)
    held_out, trained = None, None
    if trusted:
        pixels = np.linspace(0.1, 0.5, 40, dtype=np.float32)
        held_out = HeldOutScores(np.linspace(0.3, 0.6, 24, dtype=np.float32), Pixels(pixels, np.full(40, 10)))
        paths = tuple(str(sample.path) for sample in dataset.train)
        trained = Trained(paths, keys=content_keys(Path(path) for path in paths))
    model: Any = _PretendModel(writer.run.config)
    trim = Trim.of(0.1, 1) if writer.run.config.region_trim else None
    judged = judge(model, dataset.test, writer.run.folder, None, held_out, trained, trim)
    figures, curves = judged.figures(), replace(judged.evaluation.curves, regions=None)  # as of an older run
    if held_out is not None:
        curves = replace(judged.evaluation.curves, heldout=held_out.arrays())
        figures["heldout"] = held_out.about(len(dataset.train))
    else:
        figures = {name: figures[name] for name in ("metrics", "reasons", "per_defect", "thresholds")}
    return writer.finish(
        judged.table(), curves, None, lambda folder: folder.mkdir(), **figures,
        seconds={"features": 2.0, "coreset": 1.0, **judged.seconds, "total": 4.0},
        bank={"rows": 40, "dim": 152, "bytes": 40 * 152 * 4},
        peak_rss_bytes=500_000_000,
        trim=None if trim is None else trim.settings(),
    )  # fmt: skip


class _PretendModel:
    """Scores the distance from the photos' mean grey: no network, yet maps that find the defects."""

    transform = Transform(SIDE, None, (0.0,) * 3, (1.0,) * 3)

    def __init__(self, config: PatchCoreConfig) -> None:
        self.config = config

    def score(self, samples: tuple[Sample, ...], progress: object = None) -> SimpleNamespace:  # noqa: ARG002
        photos = [np.asarray(Image.open(sample.path).convert("L"), np.float32) for sample in samples]
        maps = np.stack([np.abs(photo - 128) / 100 for photo in photos]) if photos else np.zeros((0, SIDE, SIDE), "f4")
        scores = maps.max(axis=(1, 2)).astype(np.float32)
        return SimpleNamespace(samples=samples, image_scores=scores, patch_scores=maps, unreadable=(),
                               pictures=np.zeros((len(samples), 4)),
                               contents=content_keys(sample.path for sample in samples), notes=(), row_use=(),
                               shortened=False)

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        return patch_scores


def _write_photo(path: Path, rng: np.random.Generator, kind: str) -> None:
    photo = np.clip(rng.normal(128, 12, (SIDE, SIDE)), 0, 255)
    mask = np.zeros((SIDE, SIDE), bool)
    if kind == "hole":
        mask[10:16, 12:18] = True
    if kind == "scratch":
        mask[20:22, 4:28] = True
    photo[mask] = 20 if kind == "hole" else 235
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo.astype(np.uint8)).convert("RGB").save(path)
    if kind != "good":
        place = path.parents[2] / "ground_truth" / kind / f"{path.stem}_mask.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask.astype(np.uint8) * 255).save(place)

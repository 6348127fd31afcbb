"""Cached readers. Everything of a run is keyed by (store, run id, updated_at); photos by path and what tells
without reading a file whether it is still the same.

Nothing here draws. Tables, curves and `loaded_model` are one object for all visitors, since a copy for each rerun
would cost more than reading them: nobody changes them, and the arrays refuse to be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from pages.ui.access import allowed
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.images import read_image
from patchcore_core.data.mask_set import as_rule
from patchcore_core.data.masks import MaskRule, Truth, read_truth
from patchcore_core.runs.found import with_found as with_found_of
from patchcore_core.runs.store import Run, RunStore

if TYPE_CHECKING:
    from patchcore_core.model.patchcore import PatchCore


def store() -> RunStore:
    """The run store the dashboard reads: PATCHCORE_RUNS or runs/."""
    return RunStore()


def load_runs() -> tuple[Run, ...]:
    """All runs, newest first, as they stand on disk now."""
    return store().list()


def load_run(run_id: str) -> Run:
    """The run as it stands on disk now; UnknownRunError where there is none."""
    return store().get(run_id)


def load_images(run: Run) -> pd.DataFrame:
    """images.csv of a finished run: one row per test image, in the order of the anomaly maps."""
    return _images(str(store().root), run.id, run.updated_at)


def load_curves(run: Run) -> dict[str, np.ndarray]:
    """curves.npz of a finished run."""
    return _curves(str(store().root), run.id, run.updated_at)


def with_found(run: Run) -> Run:
    """The run with what its default threshold finds, also where that was not recorded when it was made."""
    if run.found or run.status != "finished":
        return run
    return _with_found(str(store().root), run.id, run.updated_at)


def anomaly_map(run: Run, index: int) -> np.ndarray:
    """(S, S) float32: one anomaly map of a finished run, read alone from disk."""
    return np.asarray(store().anomaly_maps(run)[index], dtype=np.float32)


def photo(path: Path | str, bits: int | None = None) -> np.ndarray:
    """(H, W, 3) uint8 of an image in an allowed folder, on a run's scale (`Run.bits`); DataError otherwise."""
    place = allowed(path)
    return _photo(str(place), stamp_of(place), bits)


def read_masks(paths: Sequence[str], photo: Shape, rule: MaskRule) -> Truth:
    """`read_truth` of masks in allowed folders; DataError otherwise."""
    return read_truth([allowed(path) for path in paths], photo, rule)


def truth(run: Run, row: pd.Series) -> Truth:
    """The ground truth of an image with masks, in this row of the run's table, as the run has read it."""
    photo = Shape(int(row["height"]), int(row["width"]), int(row["orientation"]))
    return read_masks(row["mask_paths"], photo, as_rule(run.pixels, run.config.ignore_value))


def thumbnail(path: Path | str, side: int = 160) -> Image.Image:
    """The photo with its longer side shrunk to `side` pixels, made once per file."""
    place = allowed(path)
    return _thumbnail(str(place), stamp_of(place), side)


def loaded_model(run: Run) -> PatchCore:
    """The memory bank of a finished run with its network, ready to score; the two last used stay loaded."""
    return _model(str(store().root), run.id, run.updated_at)


@st.cache_resource(max_entries=32, show_spinner=False)
def _images(root: str, run_id: str, updated_at: str) -> pd.DataFrame:  # noqa: ARG001  (updated_at is part of the key)
    reader = RunStore(root)
    return reader.images(reader.get(run_id))


@st.cache_resource(max_entries=1000, show_spinner=False)
def _with_found(root: str, run_id: str, updated_at: str) -> Run:  # noqa: ARG001
    reader = RunStore(root)
    return with_found_of(reader, reader.get(run_id))


@st.cache_resource(max_entries=32, show_spinner=False)
def _curves(root: str, run_id: str, updated_at: str) -> dict[str, Any]:  # noqa: ARG001
    reader = RunStore(root)
    curves = reader.curves(reader.get(run_id))
    for values in curves.values():
        values.setflags(write=False)
    return curves


@st.cache_data(max_entries=24, show_spinner=False)
def _photo(path: str, stamp: int, bits: int | None) -> np.ndarray:  # noqa: ARG001
    return read_image(Path(path), bits)


@st.cache_data(max_entries=4000, show_spinner=False)
def _thumbnail(path: str, stamp: int, side: int) -> Image.Image:  # noqa: ARG001
    picture = Image.fromarray(read_image(Path(path)))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


@st.cache_resource(max_entries=2, show_spinner="Loading the memory bank and the network …")
def _model(root: str, run_id: str, updated_at: str) -> PatchCore:  # noqa: ARG001
    from patchcore_core.model.patchcore import PatchCore

    reader = RunStore(root)
    return PatchCore.load(reader.bank_folder(reader.get(run_id)))

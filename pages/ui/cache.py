"""Cached readers. Data of a run is keyed by its folder and updated_at (`of_run`), photos by path and `stamp_of`.

Nothing here draws. Tables, curves and `loaded_model` are shared by all visitors, since copying them on each rerun would
cost more than reading them: never modify them; the arrays are read-only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.access import allowed
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.images import read_image
from patchcore_core.data.mask_set import as_rule
from patchcore_core.data.masks import MaskRule, Truth, read_truth
from patchcore_core.errors import StoreError
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.found import lacks_found
from patchcore_core.runs.found import with_found as with_found_of
from patchcore_core.runs.store import Run, RunStore

if TYPE_CHECKING:
    from patchcore_core.evaluation.curve_points import Curves
    from patchcore_core.model.detector import Detector

P = ParamSpec("P")
R = TypeVar("R")


def of_run(
    max_entries: int, ttl: float | None = None, spinner: bool | str = False, copied: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache a reader that takes a run: it reads once for each state of the run on disk, for at most `ttl` seconds. The
    result is shared by all visitors; with `copied` each call gets a copy."""
    keep = st.cache_data if copied else st.cache_resource
    return keep(max_entries=max_entries, ttl=ttl, show_spinner=spinner, hash_funcs={Run: _state_of})


def _state_of(run: Run) -> tuple[str, str]:
    return str(run.folder), run.updated_at


def store() -> RunStore:
    """The run store the dashboard reads: PATCHCORE_RUNS or runs/."""
    return RunStore()


def load_runs() -> tuple[Run, ...]:
    """All runs, newest first, as they stand on disk now; records are parsed once for each of their states."""
    return store().list()


def run_names() -> dict[str, str]:
    """What people call runs, by their ids; none where that cannot be read, which Overview says."""
    with suppress(StoreError):
        return {run_id: labels.name for run_id, labels in RunLabelsOf(store().root).all().items() if labels.name}
    return {}


def load_run(run_id: str) -> Run:
    """The run as it stands on disk now; UnknownRunError where there is none."""
    return store().get(run_id)


@of_run(max_entries=32)
def load_images(run: Run) -> pd.DataFrame:
    """images.csv of a finished run: one row per test image, in the order of the anomaly maps."""
    return store().images(run)


@of_run(max_entries=32)
def load_curves(run: Run) -> Curves:
    """curves.npz of a finished run."""
    return store().curves(run)


def with_found(run: Run) -> Run:
    """The run with what its default threshold finds and a valid interval of image AUROC, computed if not recorded."""
    return _with_found(run) if lacks_found(run) else run


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
    """The ground truth of an image with masks, in this row of the run's table, read as the run read it."""
    photo = Shape(int(row["height"]), int(row["width"]), int(row["orientation"]))
    return read_masks(row["mask_paths"], photo, as_rule(run.pixels, run.config.ignore_value))


def thumbnail(path: Path | str, side: int = 160) -> Image.Image:
    """The photo with its longer side shrunk to `side` pixels, made once per file."""
    place = allowed(path)
    return _thumbnail(str(place), stamp_of(place), side)


def loaded_model(run: Run) -> Detector:
    """The detector of a finished run with its network; the last two used stay loaded. A page says while it loads."""
    if is_loaded(run) or get_script_run_ctx(suppress_warning=True) is None:
        return _model(run)
    with st.spinner("Loading the memory bank and the network …"):
        return _model(run)


def is_loaded(run: Run) -> bool:
    """Whether the detector of this run is in memory."""
    return _state_of(run) in _models()


@of_run(max_entries=2)
def _model(run: Run) -> Detector:
    from patchcore_core.model.methods import load_detector

    model = load_detector(store().bank_folder(run))
    _models()[_state_of(run)] = model
    return model


@st.cache_resource(show_spinner=False)
def _models() -> WeakValueDictionary[tuple[str, str], Detector]:
    """Those in memory."""
    return WeakValueDictionary()


@of_run(max_entries=1000)
def _with_found(run: Run) -> Run:
    return with_found_of(store(), run)


@st.cache_data(max_entries=24, show_spinner=False)
def _photo(path: str, stamp: int, bits: int | None) -> np.ndarray:  # noqa: ARG001
    return read_image(Path(path), bits)


@st.cache_data(max_entries=4000, show_spinner=False)
def _thumbnail(path: str, stamp: int, side: int) -> Image.Image:  # noqa: ARG001
    picture = Image.fromarray(read_image(Path(path)))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture

"""A run of the tiny category with a true network and a true memory bank; fitted once for all tests of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.tiny import SIDE, write_category

FITTED = PatchCoreConfig(image_size=SIDE, coreset_ratio=0.2, num_neighbors=2, device="cpu", engine="torch")


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/tile and runs/, which has one finished run; not to be written."""
    folder = tmp_path_factory.mktemp("fitted")
    write_category(folder / "data" / "tile")
    fit_run(load_dataset(folder / "data" / "tile"), FITTED, RunStore(folder / "runs"))
    return folder


def only_run(folder: Path) -> Run:
    """The one run of a store in `folder`/runs."""
    (run,) = RunStore(folder / "runs").list()
    return run

"""The training images of a run with their held-out scores, the second list of Review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pages.ui import cache
from patchcore_core.data.images import shown
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.store import Run

MOST_NAMED = 3  # near-copies


@cache.of_run(max_entries=16)
def training_images(run: Run) -> pd.DataFrame | None:
    """A row for each training image that has a held-out score, in the order of the data set: `path`, `name` as in
    `test_images`, `recorded` (the path as the run recorded it), `image_score`, `odd`, `copies` (in words, "" without
    any), and what `changed.files_of` reads.

    None where the run recorded none. PatchCoreError where the record cannot be read.
    """
    found = cache.store().training_images(run)
    if not found:
        return None
    return pd.DataFrame({
        "path": [str(Path(run.dataset, one.path)) for one in found], "name": [shown(one.path) for one in found],
        "recorded": [one.path for one in found], "image_score": [one.score for one in found],
        "odd": [one.odd for one in found], "copies": [_copies(one.copies) for one in found],
        "sha256": [one.sha256 for one in found], "mask_paths": [()] * len(found), "masks_sha256": [""] * len(found),
    })  # fmt: skip


def known(run: Run) -> pd.DataFrame | None:
    """`training_images`, None also where the record is damaged: test images are reviewed without it."""
    try:
        return training_images(run)
    except PatchCoreError:
        return None


def _copies(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    named = ", ".join(shown(path) for path in paths[:MOST_NAMED])
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return f"near-copies: {named}{more}" if len(paths) > 1 else f"near-copy: {named}"

"""Whether photos and masks that a page shows are still those that a run was made from, in words for the image.

Only files that are looked at are read, and each once while it stays as it is (data.content).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from pages.ui.access import allowed
from patchcore_core.errors import DataError
from patchcore_core.runs.contents import CHANGED, PERHAPS, SAME, state_of
from patchcore_core.runs.store import Run

PHOTO = {
    CHANGED: "This file was changed after the run was made: score and map belong to another photo.",
    PERHAPS: "This file is newer than the run and may have been changed after it was made: score and map may belong "
             "to another photo.",
}  # fmt: skip
MASK = {
    CHANGED: "The mask was changed after the run was made: the run's figures rest on another one.",
    PERHAPS: "The mask is newer than the run and may have been changed after it was made: the run's figures may rest "
             "on another one.",
}  # fmt: skip
ON_CARD = ("this file was changed after the run was made", "its mask was changed after the run was made")


class States(NamedTuple):
    """What became of an image's photo and of its masks: each CHANGED, PERHAPS or SAME."""

    photo: str = SAME
    masks: str = SAME

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each that is not the same."""
        return tuple(filter(None, (PHOTO.get(self.photo, ""), MASK.get(self.masks, ""))))

    @property
    def on_card(self) -> str:
        """In a few words, of what is certain."""
        return next((words for state, words in zip(self, ON_CARD, strict=True) if state == CHANGED), "")


class Files(NamedTuple):
    """Those of an image, and their contents as its run recorded them, "" where it did not."""

    path: str
    sha256: str
    mask_paths: tuple[str, ...]
    masks_sha256: str


def files_of(row: pd.Series) -> Files:
    """Of one row of `RunStore.images`."""
    return Files(*(row[name] for name in Files._fields))


def all_files(images: pd.DataFrame) -> list[Files]:
    """Of all rows."""
    return [Files(*values) for values in zip(*(images[name].tolist() for name in Files._fields), strict=True)]


def states(run: Run, files: Files) -> States:
    """Of an image of the run; a file that may not be read is not looked at."""
    return States(photo_state(run, files.path, files.sha256), _state(run, files.mask_paths, files.masks_sha256))


def photo_state(run: Run, path: str, recorded: str) -> str:
    """Of one photo, whose content was `recorded`, "" where nobody did."""
    return _state(run, [path], recorded)


def say(found: States) -> None:
    """The sentences, to stand where the image is shown."""
    for sentence in found.sentences:
        st.warning(sentence, icon=":material/difference:")


def _state(run: Run, paths: Sequence[str], recorded: str) -> str:
    try:
        return state_of([allowed(path) for path in paths], recorded, run)
    except DataError:
        return SAME

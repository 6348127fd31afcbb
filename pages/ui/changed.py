"""Whether the photos and masks that a page shows are still those of the run.

Only files that are shown are read, once until they change (data.files.content).
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
    CHANGED: "This file has changed since the run: score and map belong to the earlier photo.",
    PERHAPS: "This file is newer than the run: score and map may belong to an earlier photo.",
}  # fmt: skip
MASK = {
    CHANGED: "The mask has changed since the run: the run's figures use the earlier one.",
    PERHAPS: "The mask is newer than the run: the run's figures may use an earlier one.",
}  # fmt: skip
ON_CARD = ("file changed since the run", "mask changed since the run")


class States(NamedTuple):
    """The state of an image's photo and of its masks: CHANGED, PERHAPS or SAME."""

    photo: str = SAME
    masks: str = SAME

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each that is not SAME."""
        return tuple(filter(None, (PHOTO.get(self.photo, ""), MASK.get(self.masks, ""))))

    @property
    def on_card(self) -> str:
        """A few words on what is certain."""
        return next((words for state, words in zip(self, ON_CARD, strict=True) if state == CHANGED), "")


class Files(NamedTuple):
    """The files of an image, and their SHA-256 as the run recorded them, "" if it did not."""

    path: str
    sha256: str
    mask_paths: tuple[str, ...]
    masks_sha256: str


def files_of(row: pd.Series) -> Files:
    """The files in one row of `RunStore.images`."""
    return Files(*(row[name] for name in Files._fields))


def states(run: Run, files: Files) -> States:
    """The states of an image's files; a file outside the allowed folders counts as SAME."""
    return States(photo_state(run, files.path, files.sha256), _state(run, files.mask_paths, files.masks_sha256))


def photo_state(run: Run, path: str, recorded: str) -> str:
    """The state of one photo, whose SHA-256 was `recorded` ("" if it was not)."""
    return _state(run, [path], recorded)


def say(found: States) -> None:
    """Draw the sentences as warnings."""
    for sentence in found.sentences:
        st.warning(sentence, icon=":material/difference:")


def _state(run: Run, paths: Sequence[str], recorded: str) -> str:
    try:
        return state_of([allowed(path) for path in paths], recorded, run)
    except DataError:
        return SAME

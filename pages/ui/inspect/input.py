"""Inspect: what to score: uploaded and captured images, ZIP files, a folder, or a test image of the run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.access import OutsideError, why_unchanged
from pages.ui.fit.dataset_picker import say_outside
from pages.ui.inspect import tries
from pages.ui.inspect.archive import unzipped
from pages.ui.inspect.folder import in_folder
from pages.ui.inspect.upload import LONGEST_NAME, Upload, unique, upload
from pages.ui.markdown import plain
from pages.ui.media.refused import refusals
from pages.ui.media.uploads import VISITOR
from patchcore_core.data.images import EXTENSIONS
from patchcore_core.errors import DataError
from patchcore_core.runs.store import Run

__all__ = ["LONGEST_NAME", "MOST_IMAGES", "Upload", "given", "unique", "upload"]
MOST_IMAGES = 1000
HELP = (f"At most {MOST_IMAGES:,} images and {VISITOR // 2**30} GiB at a time; a folder may hold any number of "
        "bytes. Uploads stay in this session's memory, results in a temporary folder that goes with it.")
FOLDER = "folder"  # the field, and the parameter of the address
MOST_NOTES = 5
HASHES = "inspect_hashes"
REFUSED_EVERY = 3.0  # seconds between two looks


def given(run: Run) -> list[Upload]:
    """The images to score without duplicates; without any, test images of the run are offered."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        files = list(st.file_uploader(
            "Images or a ZIP file", type=[*sorted(EXTENSIONS), ".zip"], accept_multiple_files=True,
            key="inspect_files", help=HELP))
        _say_refused()
    with right:
        folder = _folder()
        if st.toggle("Take a photo with this device's camera", key="inspect_camera_on"):
            taken = st.camera_input("Photo", key="inspect_camera", label_visibility="collapsed", resolution="1080p",
                                    width=480)
            files += [taken] if taken is not None else []
    if not files and not folder:
        tries.offer(run)
        return tries.chosen(run)
    tries.forget()
    return _collected(files, folder)


@st.fragment(run_every=REFUSED_EVERY)
def _say_refused() -> None:
    """Why the server took no more uploads of this visitor, while that is new."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and (why := refusals().of(context.session_id)):
        st.warning(plain(f"An upload was refused: {why}."), icon=":material/broken_image:")


def _folder() -> str:
    """The path typed into the field, "" for none and where none is read."""
    if words := why_unchanged("No folder is read"):
        if st.query_params.get(FOLDER):
            st.warning(plain(f"{words}."), icon=":material/lock:")
        return ""
    return st.text_input("or a folder", key=FOLDER, bind="query-params", placeholder="data/parts/new",
                         help="A folder or an image that the dashboard may read (PATCHCORE_DATA).").strip()


def _collected(files: Sequence[Any], folder: str) -> list[Upload]:
    """All images of the files and the folder, at most `MOST_IMAGES`; says what is left out."""
    found, total, notes, hashes = list[Upload](), 0, list[str](), _hashes(files)
    for file in files:
        try:
            more, count, said = _of_upload(file, hashes, MOST_IMAGES - len(found))
        except DataError as error:
            notes.append(str(error))
            continue
        found, total, notes = [*found, *more], total + count, [*notes, *said]
    if folder:
        try:
            more, count, said = in_folder(folder, MOST_IMAGES - len(found))
            found, total, notes = [*found, *more], total + count, [*notes, *said]
        except OutsideError as error:
            say_outside(error, folder)
        except DataError as error:
            notes.append(str(error))
    _say(notes, total)
    different = unique(found)
    if same := len(found) - len(different):
        st.caption(f"{same} more with the content of another one, scored once." if same > 1 else
                   "One more with the content of another one, scored once.")
    return different


def _of_upload(file: Any, hashes: Mapping[str, str], room: int) -> tuple[list[Upload], int, tuple[str, ...]]:
    key = hashes[file.file_id]
    if file.name.lower().endswith(".zip"):
        return unzipped(file.name, file.getvalue(), room, key)
    return [upload(file.name, file.getvalue(), key)][:room], 1, ()


def _hashes(files: Sequence[Any]) -> dict[str, str]:
    """The SHA-256 of each file by its id, computed once while the file is there: each rerun asks for them."""
    known: dict[str, str] = st.session_state.get(HASHES, {})
    hashes = {file.file_id: known.get(file.file_id) or hashlib.sha256(file.getvalue()).hexdigest() for file in files}
    st.session_state[HASHES] = hashes
    return hashes


def _say(notes: Sequence[str], total: int) -> None:
    for note in notes[:MOST_NOTES]:
        st.warning(plain(note), icon=":material/broken_image:")
    if len(notes) > MOST_NOTES:
        st.caption(f"{len(notes) - MOST_NOTES} more files are left out.")
    if total > MOST_IMAGES:
        st.warning(f"The first {MOST_IMAGES} of {total:,} images are scored; `python -m patchcore_core score` takes "
                   "any number.")

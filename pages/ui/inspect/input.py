"""Inspect: uploaded and captured images, each with a name to show and a name for files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from pages.ui.format import shortened
from patchcore_core.data.images import EXTENSIONS, shown

MOST_IMAGES = 50
LONGEST_NAME = 60  # characters of a file name that are kept


@dataclass(frozen=True)
class Upload:
    """One image: `key` identifies its content, `name` is for the screen, `stem` for the names of files."""

    key: str
    name: str
    stem: str
    data: bytes


def uploads() -> list[Upload]:
    """The uploaded and captured images without duplicates; warns if there are too many."""
    files = list(st.file_uploader(
        "Images", type=sorted(EXTENSIONS), accept_multiple_files=True, key="inspect_files",
        help="Images stay in this session's memory; nothing is saved to disk."))
    if st.toggle("Take a photo with this device's camera", key="inspect_camera_on"):
        taken = st.camera_input("Photo", key="inspect_camera", label_visibility="collapsed", resolution="1080p",
                                width=480)
        files += [taken] if taken is not None else []
    if len(files) > MOST_IMAGES:
        st.warning(f"The first {MOST_IMAGES} of {len(files)} images are scored; `python -m patchcore_core score` takes "
                   "folders.")
    return unique([upload(file.name, file.getvalue()) for file in files[:MOST_IMAGES]])


def upload(name: str, data: bytes) -> Upload:
    """An upload with a safe name, whatever path, markup or control characters its own contains."""
    last = shown(PurePath(name.replace("\\", "/")).name) or "image"
    name = shortened(last, LONGEST_NAME)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", PurePath(last).stem).strip("._-")[:LONGEST_NAME]
    return Upload(hashlib.sha256(data).hexdigest(), name, stem or "image", data)


def unique(given: Sequence[Upload]) -> list[Upload]:
    """The uploads without repeated content, in their order."""
    return list({item.key: item for item in reversed(given)}.values())[::-1]

"""Addresses of a run's pictures on this server, the same as in patchcore_core/views/web/lib/pictures.js.

`/pictures/RUN/test/NUMBER/KEY/KIND`, where NUMBER is the row in the run's table and KEY changes with the run, the photo
and its masks: what stands at an address never changes, so browsers keep it. No address holds a path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from patchcore_core.data.files.content import stamp_of
from patchcore_core.runs.store import Run

ROOT = "pictures"
KINDS = ("thumbnail", "photo", "truth", "map", "least")
FORM = "1"  # another one whenever the same files give other bytes


def base(run_id: str) -> str:
    """Where all pictures of the run's test images lie, from the root of the server: "/pictures/RUN/test"."""
    return f"{prefix()}/{ROOT}/{run_id}/test"


def prefix() -> str:
    """Where the server's pages begin: "" or the configured base path, as "/tools"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def picture(run_id: str, number: int, key: str, kind: str) -> str:
    """The address of one picture; kind: one of `KINDS`."""
    return f"{base(run_id)}/{number}/{key}/{kind}"


def about(run_id: str, number: int, beside: str = "") -> str:
    """The address of what is known of an image (media/about.py), with the map of a second run where one is named."""
    return f"{base(run_id)}/{number}/about{f'?beside={beside}' if beside else ''}"


def standing(run: Run) -> str:
    """The address of the table of the run's good test pixels by score (`Standing.packed`)."""
    return f"{prefix()}/{ROOT}/{run.id}/{key(run, '', ())}/standing"


def keys(run: Run, images: pd.DataFrame) -> list[str]:
    """The KEY of each row (N,), 12 characters, from the state of its files on disk; nothing is read."""
    return [key(run, path, masks) for path, masks in zip(images["path"], images["mask_paths"], strict=True)]


def key(run: Run, path: str, mask_paths: Sequence[str]) -> str:
    """The KEY of an image with this photo and these masks."""
    state = (FORM, run.id, run.updated_at, stamp_of(path), *map(stamp_of, mask_paths))
    return hashlib.blake2b(repr(state).encode(), digest_size=6).hexdigest()

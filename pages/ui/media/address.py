"""Addresses of a run's pictures on this server, the same as in patchcore_core/views/web/lib/pictures.js.

`/pictures/RUN/test/NUMBER/KEY/KIND`, where NUMBER is the row in the run's table and KEY is made of the run and the
content of the photo and its masks: what lasts at an address never changes, so browsers keep it. The content is the
SHA-256 that the run recorded; where a file was touched since, or nothing was recorded, the state of the file stands for
it, since reading thousands of files would keep the page waiting. A file that was replaced without a trace in its times
is found when it is sent, and does not last (media/pictures.py). `/pictures/RUN/bank/NUMBER/KEY/…` is of the training
photo with this number in the memory bank. No address holds a path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from patchcore_core.data.files.content import stamp_of
from patchcore_core.runs.contents import untouched
from patchcore_core.runs.store import Run

ROOT = "pictures"
KINDS = ("thumbnail", "photo", "truth", "map", "least")
FORM = "2"  # another one whenever the same files give other bytes


def base(run_id: str, images: str = "test") -> str:
    """Where all pictures of the run's `test` or `training` images lie, from the root of the server:
    "/pictures/RUN/test"."""
    return f"{prefix()}/{ROOT}/{run_id}/{images}"


def prefix() -> str:
    """Where the server's pages begin: "" or the configured base path, as "/tools"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def picture(run_id: str, number: int, key: str, kind: str, images: str = "test") -> str:
    """The address of one picture; kind: one of `KINDS`."""
    return f"{base(run_id, images)}/{number}/{key}/{kind}"


def about(run_id: str, number: int, beside: str = "") -> str:
    """The address of what is known of an image (media/about.py), with the map of a second run where one is named."""
    return f"{base(run_id)}/{number}/about{f'?beside={beside}' if beside else ''}"


def patch(run_id: str, number: int, key: str, scale: int, row: int, column: int, of: str = "test") -> str:
    """The address of a patch with its surroundings: of the image in this row, or with `of` "bank" of the training photo
    with this number in the memory bank. `scale`: the number of the image size, on whose grid row and column are."""
    return f"{prefix()}/{ROOT}/{run_id}/{of}/{number}/{key}/patch/{scale}/{row}/{column}"


def bank_photo(run_id: str, number: int, key: str) -> str:
    """The address of a small picture of the training photo with this number in the memory bank."""
    return f"{prefix()}/{ROOT}/{run_id}/bank/{number}/{key}/thumbnail"


def about_training(run_id: str, number: int, with_map: bool = False) -> str:
    """The address of what is known of a training image (media/training.py), with its map, which is computed."""
    return f"{base(run_id, 'training')}/{number}/about{'?map=1' if with_map else ''}"


def standing(run: Run) -> str:
    """The address of the table of the run's good test pixels by score (`Standing.packed`)."""
    return f"{prefix()}/{ROOT}/{run.id}/{_digest(run)}/standing"


def keys(run: Run, images: pd.DataFrame) -> list[str]:
    """The KEY of each row (N,), 12 characters; no file is read."""
    columns = (images[name] for name in ("path", "sha256", "mask_paths", "masks_sha256"))
    return [_digest(run, _content(run, [path], photo), _content(run, masks, truth))
            for path, photo, masks, truth in zip(*columns, strict=True)]


def key(run: Run, images: pd.DataFrame, number: int) -> str:
    """The KEY of the image in this row of the run's table."""
    return keys(run, images.iloc[[number]])[0]


def bank_key(run: Run, path: str, recorded: str) -> str:
    """The KEY of a training photo with this path, whose SHA-256 was `recorded` ("" if it was not)."""
    return _digest(run, _content(run, [path], recorded))


def _content(run: Run, paths: Sequence[str], recorded: str) -> object:
    """What stands for the content of these files: the SHA-256 of it, or their state."""
    return recorded if recorded and untouched(paths, run) else tuple(map(stamp_of, paths))


def _digest(run: Run, *contents: object) -> str:
    return hashlib.blake2b(repr((FORM, run.id, run.updated_at, *contents)).encode(), digest_size=6).hexdigest()

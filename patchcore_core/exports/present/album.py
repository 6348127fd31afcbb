"""The pictures of evidence in a file: patches of a photo and of the good photos that are nearest to it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from patchcore_core.data.images import read_photo_bytes, shown
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.exports.present.examples import Put
from patchcore_core.exports.present.photos import RGB, Reads, shrunk
from patchcore_core.exports.present.presented import Presented
from patchcore_core.runs.image_table import within
from patchcore_core.views.overlay import jpeg_bytes, thumbnail
from patchcore_core.views.patches import close_up, patch_box

WHOLE, CLOSE, SMALL, CELLS = 640, 160, 48, 3  # pixels of pictures; side of the outlined square in patches
DECODED = 6  # training photos that stay decoded
GONE = "The good photo is gone, so its patch cannot be shown."
CHANGED = "The good photo has changed since the run, so its patch cannot be shown."


class Training(Protocol):
    """The photos that a model was fitted on; `model.detector.TrainingSet` is one."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    @property
    def contents(self) -> tuple[str, ...]: ...


class FileAlbum:
    """Pictures (`views.widgets.evidence.Album`) of one photo of a run, which `put` keeps; no text holds a path outside
    the data set."""

    def __init__(
        self, one: Presented, row: int, photo: RGB, training: Training, transform: Transform,
        grids: Sequence[tuple[int, int]], put: Put, reads: Reads,
    ) -> None:  # fmt: skip
        """photo: of the image in this row; grids: of patches at each scale of the model with this transform."""
        self._one, self._row, self._photo, self._training = one, row, photo, training
        self._transform, self._grids, self._put, self._reads = transform, grids, put, reads
        self._decoded = lru_cache(DECODED)(self._read)

    def photo(self) -> str:
        return self._put(jpeg_bytes(shrunk(self._photo, WHOLE)), f"{self._row}.whole")

    def own(self, scale: int, row: int, column: int) -> str:
        return self._close_up(self._photo, "own", scale, row, column)

    def good(self, image: int, scale: int, row: int, column: int) -> str:
        photo, _ = self._decoded(image)
        return "" if photo is None else self._close_up(photo, f"good.{image}", scale, row, column)

    def thumbnail(self, image: int) -> str:
        photo, _ = self._decoded(image)
        return "" if photo is None else self._put(jpeg_bytes(thumbnail(photo, SMALL), 75), f"{self._row}.small.{image}")

    def name(self, image: int) -> str:
        path = self._training.paths[image]
        inside = within(self._one.run.dataset, path)
        return shown(inside if inside != path else Path(path).name)

    def note(self, image: int) -> str:
        return self._decoded(image)[1]

    def original(self, image: int) -> RGB:
        """The training photo with this number; DataError, without a path, if it is gone or another one now."""
        photo, cause = self._decoded(image)
        if photo is None:
            raise DataError(cause)
        return photo

    def _close_up(self, photo: RGB, name: str, scale: int, row: int, column: int) -> str:
        seen = self._transform.box(photo.shape[0], photo.shape[1])
        box = patch_box(seen, self._grids[scale], row, column, CELLS)
        return self._put(jpeg_bytes(close_up(photo, box, size=CLOSE)), f"{self._row}.{name}.{scale}.{row}.{column}")

    def _read(self, image: int) -> tuple[RGB | None, str]:
        """A training photo, or None and why it cannot be shown."""
        path, contents = self._training.paths[image], self._training.contents
        known = contents[image] if image < len(contents) else ""
        try:
            content = self._reads.file(Path(path))
            photo = read_photo_bytes(content, path, self._one.run.bits).pixels
        except DataError:
            return None, GONE
        if known and hashlib.sha256(content).hexdigest() != known:
            return None, CHANGED
        return photo, ""

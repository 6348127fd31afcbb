"""Photos that occur both as good and as defective."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from patchcore_core.data.files.unread import so_many
from patchcore_core.data.images import shown
from patchcore_core.data.samples import Sample

PIECE = 4096  # bytes


def same_content(root: Path, samples: Sequence[Sample]) -> list[str]:
    """A warning if the same file has two labels; files of equal size are compared block by block."""
    groups = [[sample for sample in samples if sample.label is not None]]
    for likeness in (_size, _middle, _content):
        groups = [part for group in groups for part in _parts(group, likeness)]
    if not groups:
        return []
    good, bad = (next(sample for sample in groups[0] if sample.label == label) for label in (0, 1))
    one, other = (shown(sample.path.relative_to(root).as_posix()) for sample in (bad, good))
    return [f"{shown(root)}: {so_many(len(groups), 'photo')} there both as good and as defective, with the same "
            f"content (first: {one} and {other})"]  # fmt: skip


def _parts(group: Iterable[Sample], likeness: Callable[[Path], object]) -> list[list[Sample]]:
    """The parts of a group that are equal and have both labels."""
    alike: dict[object, list[Sample]] = defaultdict(list)
    for sample in group:
        try:
            alike[likeness(sample.path)].append(sample)
        except OSError:  # reported where the photo is read
            continue
    return [part for part in alike.values() if len({sample.label for sample in part}) > 1]


def _size(path: Path) -> int:
    return os.stat(path).st_size or -id(path)  # empty files are no photos


def _middle(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(os.stat(path).st_size // 2)
        return file.read(PIECE)


def _content(path: Path) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()

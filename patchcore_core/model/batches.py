"""Photos read, decoded and normalised ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from patchcore_core.data.content import content_key
from patchcore_core.data.dataset import Sample
from patchcore_core.data.images import read_image, shown
from patchcore_core.data.likeness import no_pictures, small_picture
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError

READERS = 2
Reading = Future[tuple[np.ndarray, np.ndarray, str]]  # image (3, S, S), small picture (1024,), the file's content
Unreadable = tuple[tuple[str, str], ...]  # (path as it can be printed, cause)


@dataclass(frozen=True)
class Batch:
    """`images` (B, 3, S, S) float32, channels last in memory, of the `samples` that could be read, and (path, cause) of
    the others; `pictures` (B, 1024) as in data.likeness, made of the photo as it was read; `contents` (B,) of the files
    as they were read, as data.content tells them."""

    samples: tuple[Sample, ...]
    images: np.ndarray
    pictures: np.ndarray
    unreadable: Unreadable
    contents: tuple[str, ...] = ()


def batches(samples: Sequence[Sample], transform: Transform, size: int) -> Iterator[Batch]:
    """Batches of up to `size` samples in their order; two threads read ahead while the network works."""
    groups = deque(samples[first : first + size] for first in range(0, len(samples), size))
    with ThreadPoolExecutor(READERS) as readers:
        waiting: deque[tuple[Sequence[Sample], list[Reading]]] = deque()
        try:
            while groups or waiting:
                while groups and len(waiting) < 3:
                    group = groups.popleft()
                    waiting.append((group, [readers.submit(_read, sample, transform) for sample in group]))
                yield _collect(*waiting.popleft())
        finally:
            readers.shutdown(wait=False, cancel_futures=True)


def _read(sample: Sample, transform: Transform) -> tuple[np.ndarray, np.ndarray, str]:
    content = content_key(sample.path)
    photo = read_image(sample.path)
    if content_key(sample.path) != content:  # written meanwhile: nobody knows which of the two was read
        content = ""
    return transform.image(photo), small_picture(photo), content


def _collect(group: Sequence[Sample], futures: list[Reading]) -> Batch:
    read, images, pictures, unreadable, contents = [], [], [], [], []
    for sample, future in zip(group, futures, strict=True):
        try:
            image, picture, content = future.result()
            images.append(image.transpose(1, 2, 0))  # (S, S, 3), as it lies in memory
            pictures.append(picture)
            contents.append(content)
            read.append(sample)
        except DataError as error:
            path = shown(sample.path)
            unreadable.append((path, str(error).removeprefix(f"{path}: ")))
    if not images:
        return Batch((), np.empty((0, 3, 0, 0), np.float32), no_pictures(), tuple(unreadable))
    stacked = np.stack(images).transpose(0, 3, 1, 2)
    return Batch(tuple(read), stacked, np.stack(pictures), tuple(unreadable), tuple(contents))

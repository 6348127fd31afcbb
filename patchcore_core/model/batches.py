"""Reading, decoding and normalising photos ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from patchcore_core.data.files.content import content_key
from patchcore_core.data.files.depth import FULL
from patchcore_core.data.images import read_photo, shown
from patchcore_core.data.light import light_of, no_light
from patchcore_core.data.likeness import no_pictures, small_picture
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError

READERS = 2
Unreadable = tuple[tuple[str, str], ...]  # (printable path, cause)


@dataclass(frozen=True)
class Reading:
    """One photo: images (3, H_s, W_s) at each size, thumbnail (4096,), content key, light (2,), and whether it does not
    fit its scale."""

    images: tuple[np.ndarray, ...]
    picture: np.ndarray
    content: str
    light: np.ndarray
    clipped: bool
    unscaled: bool


@dataclass(frozen=True)
class Batch:
    """`images` (B, 3, H, W) float32, channels last in memory, of the readable `samples`, and (path, cause) of the
    others; `pictures` (B, 4096): thumbnails as in data.likeness; `contents` (B,): content keys of the files as read;
    `light` (B, 2) as in data.light; `clipped` and `unscaled`: the photos that do not fit their scale, as in
    data.files.depth.scale_notes. `more`: the same images at further sizes."""

    samples: tuple[Sample, ...]
    images: np.ndarray
    pictures: np.ndarray
    unreadable: Unreadable
    contents: tuple[str, ...] = ()
    light: np.ndarray = field(default_factory=no_light)
    clipped: tuple[str, ...] = ()
    unscaled: tuple[str, ...] = ()
    more: tuple[np.ndarray, ...] = ()

    @property
    def scales(self) -> tuple[np.ndarray, ...]:
        """The images (B, 3, H_s, W_s) at all sizes."""
        return self.images, *self.more


def batches(
    samples: Sequence[Sample], transform: Transform, size: int, bits: int | None = None, more: Sequence[Transform] = ()
) -> Iterator[Batch]:
    """Batches of up to `size` samples in order; two threads read ahead while the network runs.

    bits: the scale of photos of more than 8 bits; None: unknown, all 16 are used. more: further transforms, for
    `Batch.more`.
    """
    transforms = (transform, *more)
    groups = deque(samples[first : first + size] for first in range(0, len(samples), size))
    with ThreadPoolExecutor(READERS) as readers:
        waiting: deque[tuple[Sequence[Sample], list[Future[Reading]]]] = deque()
        try:
            while groups or waiting:
                while groups and len(waiting) < 3:
                    group = groups.popleft()
                    waiting.append((group, [readers.submit(_read, sample, transforms, bits) for sample in group]))
                yield _collect(*waiting.popleft())
        finally:
            readers.shutdown(wait=False, cancel_futures=True)


def _read(sample: Sample, transforms: tuple[Transform, ...], bits: int | None) -> Reading:
    content = content_key(sample.path)
    photo = read_photo(sample.path, bits or FULL, least=max(max(each.image_size, *each.shape) for each in transforms))
    if content_key(sample.path) != content:  # written meanwhile: unknown which version was read
        content = ""
    rgb, unscaled = photo.pixels, photo.deep and bits is None
    images = tuple(each.image(rgb) for each in transforms)
    return Reading(images, small_picture(rgb), content, light_of(rgb), photo.clipped, unscaled)


def _collect(group: Sequence[Sample], futures: list[Future[Reading]]) -> Batch:
    read: list[tuple[Sample, Reading]] = []
    unreadable: list[tuple[str, str]] = []
    for sample, future in zip(group, futures, strict=True):
        try:
            read.append((sample, future.result()))
        except DataError as error:
            path = shown(sample.path)
            unreadable.append((path, str(error).removeprefix(f"{path}: ")))
    if not read:
        return Batch((), np.empty((0, 3, 0, 0), np.float32), no_pictures(), tuple(unreadable))
    images, *more = (np.stack([image.transpose(1, 2, 0) for image in scale]).transpose(0, 3, 1, 2)
                     for scale in zip(*(one.images for _, one in read), strict=True))  # fmt: skip
    return Batch(
        samples=tuple(sample for sample, _ in read),
        images=images,
        more=tuple(more),
        pictures=np.stack([one.picture for _, one in read]),
        unreadable=tuple(unreadable),
        contents=tuple(one.content for _, one in read),
        light=np.stack([one.light for _, one in read]),
        clipped=tuple(shown(sample.path) for sample, one in read if one.clipped),
        unscaled=tuple(shown(sample.path) for sample, one in read if one.unscaled),
    )

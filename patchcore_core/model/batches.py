"""Reading, decoding and normalising photos ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from patchcore_core.data.files.content import content_key, content_keys
from patchcore_core.data.files.depth import FULL
from patchcore_core.data.images import read_photo, shown
from patchcore_core.data.light import light_of, no_light
from patchcore_core.data.likeness import no_pictures, small_picture
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.model.cache.remembered import Beside, Company, Kept, Maps

READERS = 2
FEW_KNOWN = 0.1  # share of the photos: so many copies of others shorten no fit
NO_IMAGES = np.empty((0, 3, 0, 0), np.float32)
Unreadable = tuple[tuple[str, str], ...]  # (printable path, cause)


@dataclass(frozen=True)
class Input:
    """What goes through the network at one size: `images` (b, 3, H, W) float32 of the photos whose feature maps are not
    known, channels last in memory, and the `maps` of all photos of the batch, None where they are not known. `kept`
    keeps those of the photos in `company` whose content is known, at the size of the number `size`."""

    images: np.ndarray
    maps: tuple[Maps | None, ...] = ()
    kept: Kept | None = None
    company: tuple[Company | None, ...] = ()
    size: int = 0


@dataclass(frozen=True)
class Reading:
    """One photo: images (3, H_s, W_s) at each size, or its `maps` instead; content key, and what is needed beside;
    `keepable`: reading it again would give the same."""

    images: tuple[np.ndarray, ...]
    content: str
    beside: Beside
    maps: tuple[Maps, ...] | None = None
    company: Company | None = None  # under which its maps may be kept
    keepable: bool = False


@dataclass(frozen=True)
class Batch:
    """`inputs` at each size of the readable `samples`, and (path, cause) of the others; `pictures` (B, 4096):
    thumbnails as in data.likeness; `contents` (B,): content keys of the files as read; `light` (B, 2) as in data.light;
    `clipped` and `unscaled`: the photos that do not fit their scale, as in data.files.depth.scale_notes. `number`: how
    many batches came before."""

    samples: tuple[Sample, ...]
    inputs: tuple[Input, ...]
    pictures: np.ndarray
    unreadable: Unreadable
    contents: tuple[str, ...] = ()
    light: np.ndarray = field(default_factory=no_light)
    clipped: tuple[str, ...] = ()
    unscaled: tuple[str, ...] = ()
    number: int = 0

    @property
    def known(self) -> int:
        """The photos whose feature maps are known."""
        return sum(maps is not None for maps in self.inputs[0].maps) if self.inputs else 0

    @property
    def images(self) -> np.ndarray:
        """Those of the first size, (b, 3, H, W) float32, whose feature maps are not known."""
        return self.inputs[0].images


def batches(
    samples: Sequence[Sample], transform: Transform, size: int, bits: int | None = None,
    more: Sequence[Transform] = (), kept: Kept | None = None,
) -> Iterator[Batch]:
    """Batches of up to `size` samples in order; two threads read ahead while the network runs.

    bits: the scale of photos of more than 8 bits; None: unknown, all 16 are used. more: transforms to further sizes.
    Photos whose feature maps are `kept` are not read.
    """
    read = partial(_read, transforms=(transform, *more), bits=bits)
    groups = deque(samples[first : first + size] for first in range(0, len(samples), size))
    with ThreadPoolExecutor(READERS) as readers:
        waiting: deque[tuple[Sequence[Sample], list[Future[Reading]]]] = deque()
        number = 0
        try:
            while groups or waiting:
                while groups and len(waiting) < 3:
                    group = groups.popleft()
                    futures = [readers.submit(_remember, group, place, read, kept) for place in range(len(group))]
                    waiting.append((group, futures))
                group, futures = waiting.popleft()
                found, unreadable = _results(group, futures)
                if kept is not None and not kept.alone and len({one.maps is None for _, one in found}) > 1:
                    found = [(sample, read(sample)) for sample, _ in found]  # some maps were removed meanwhile
                yield replace(_collect(found, unreadable, kept), number=number)
                number += 1
        finally:
            readers.shutdown(wait=False, cancel_futures=True)


def _remember(group: Sequence[Sample], place: int, read: Callable[[Sample], Reading], kept: Kept | None) -> Reading:
    """One photo of a group: what is kept of it, else as `read` reads it."""
    if kept is None:
        return read(group[place])
    company = Company(content_keys(sample.path for sample in group), place)
    if (known := kept.find(company)) is not None:
        return Reading((), company.content, known.beside, known.maps)
    found = read(group[place])
    if found.content != company.content or not all(company.contents) or not found.keepable:
        return found
    kept.keep(company, found.beside)
    return replace(found, company=company)


def _read(sample: Sample, transforms: tuple[Transform, ...], bits: int | None) -> Reading:
    content = content_key(sample.path)
    photo = read_photo(sample.path, bits or FULL, least=max(max(each.image_size, *each.shape) for each in transforms))
    if content_key(sample.path) != content:  # written meanwhile: unknown which version was read
        content = ""
    rgb, unscaled = photo.pixels, photo.deep and bits is None
    images = tuple(each.image(rgb) for each in transforms)
    beside = Beside(small_picture(rgb), light_of(rgb), photo.clipped, unscaled)
    return Reading(images, content, beside, keepable=not photo.reduced)


def _results(
    group: Sequence[Sample], futures: list[Future[Reading]]
) -> tuple[list[tuple[Sample, Reading]], list[tuple[str, str]]]:
    """The photos that could be read, and (path, cause) of the others."""
    read: list[tuple[Sample, Reading]] = []
    unreadable: list[tuple[str, str]] = []
    for sample, future in zip(group, futures, strict=True):
        try:
            read.append((sample, future.result()))
        except DataError as error:
            path = shown(sample.path)
            unreadable.append((path, str(error).removeprefix(f"{path}: ")))
    return read, unreadable


def _collect(read: list[tuple[Sample, Reading]], unreadable: list[tuple[str, str]], kept: Kept | None) -> Batch:
    if not read:
        return Batch((), (), no_pictures(), tuple(unreadable))
    readings, beside = [one for _, one in read], [one.beside for _, one in read]
    return Batch(
        samples=tuple(sample for sample, _ in read),
        inputs=_inputs(readings, kept if kept is None or kept.alone or not unreadable else None),
        pictures=np.stack([one.picture for one in beside]),
        unreadable=tuple(unreadable),
        contents=tuple(one.content for one in readings),
        light=np.stack([one.light for one in beside]),
        clipped=tuple(shown(sample.path) for sample, one in read if one.beside.clipped),
        unscaled=tuple(shown(sample.path) for sample, one in read if one.beside.unscaled),
    )


def _inputs(readings: list[Reading], kept: Kept | None) -> tuple[Input, ...]:
    """At each size, of the photos of a batch."""
    company = tuple(one.company for one in readings)
    fresh = [one.images for one in readings if one.maps is None]
    images = [_stacked(scale) for scale in zip(*fresh, strict=True)]

    def at(size: int) -> Input:
        maps = tuple(None if one.maps is None else one.maps[size] for one in readings)
        return Input(images[size] if images else NO_IMAGES, maps, kept, company, size)

    return tuple(map(at, range(len(images) or len(readings[0].maps or ()))))


def _stacked(images: Sequence[np.ndarray]) -> np.ndarray:
    """Images (3, H, W) as one array (b, 3, H, W), channels last in memory."""
    return np.stack([image.transpose(1, 2, 0) for image in images]).transpose(0, 3, 1, 2)

"""How a network rounds: which engine runs it, and whether the maps of a photo depend on the photos beside it.

Where a network is cut, and which of its layers are asked for, changes nothing in the layers before; what does is in
`Engine.bits`. But a library may choose other kernels for other batches or numbers of threads, and then the last bits of
a map depend on the photos in its batch. Floating-point arithmetic does not look at values, so whether it does is tried
once on random images for each network, input size and computer, and kept with the maps.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.cache.keys import computer, key_of
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.network.threads import limit_threads


@dataclass(frozen=True)
class Rounding:
    """`engine` as a run records it, its `bits`, and whether a photo's maps are the same `alone`, in every batch, and
    with any number of threads."""

    engine: str
    bits: str
    alone: bool


def rounding_of(backbone: Backbone, size: tuple[int, int], batch: int, entries: Entries) -> Rounding:
    """That of images of `size` (height, width), up to `batch` at a time; found out unless it is kept already."""
    key = _key(backbone, size, batch)
    if (kept := _kept(entries, key)) is not None:
        return kept
    images = torch.randn(batch, 3, *size, generator=torch.Generator().manual_seed(0))
    engine = backbone.engine_for(images.to(backbone.device))
    found = Rounding(engine.name, engine.bits, _same_alone(backbone, images))
    entries.put(key, np.frombuffer(json.dumps(asdict(found)).encode(), np.uint8))
    return found


def is_known(backbone: Backbone, size: tuple[int, int], batch: int, entries: Entries) -> bool:
    """Whether `rounding_of` need not find it out."""
    return entries.has(_key(backbone, size, batch))


def network_of(backbone: Backbone) -> list[str]:
    """The network, its weights and the computer."""
    return [backbone.name, backbone.weights_sha256, *computer(str(backbone.device))]


def _key(backbone: Backbone, size: tuple[int, int], batch: int) -> str:
    return key_of("rounding", network_of(backbone), backbone.layers, backbone.wanted, size, batch,
                  torch.get_num_threads())  # fmt: skip


def _kept(entries: Entries, key: str) -> Rounding | None:
    if (kept := entries.get(key)) is None:
        return None
    try:
        return Rounding(**json.loads(kept.tobytes()))
    except (ValueError, TypeError):
        return None


def _same_alone(backbone: Backbone, images: Tensor) -> bool:
    """Whether each image, alone and with one thread, has the maps that it has among the first n, with all threads."""
    with ThreadPoolExecutor(1, initializer=limit_threads, initargs=(1,)) as thread:
        alone = [thread.submit(_maps, backbone, image[None]).result() for image in images]
    return all(
        torch.equal(together[at], single[0])
        for count in range(1, len(images) + 1)
        for layer, together in enumerate(_maps(backbone, images[:count]))
        for at, single in enumerate(maps[layer] for maps in alone[:count])
    )


def _maps(backbone: Backbone, images: Tensor) -> list[Tensor]:
    channels_last = images.contiguous(memory_format=torch.channels_last)  # as photos lie in memory
    return list(backbone(channels_last).values())

"""Feature maps of photos: those that are kept, the others from the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.transforms import Transform
from patchcore_core.model.batches import Input
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.cache.keys import key_of
from patchcore_core.model.cache.remembered import Beside, Company, Known, Maps
from patchcore_core.model.cache.rounding import network_of, rounding_of
from patchcore_core.model.network.backbone import Backbone


class KeptMaps:
    """The maps of `backbone` in `entries` for photos brought to the network's input by `transforms`, a size each, and
    read on the scale of `bits`.

    A batch has up to `batch` photos. Where a photo's maps depend on its batch, or on the number of threads, they are
    kept for these photos together, and for this `use`. `names_layers`: the bits depend on which layers are asked for.
    """

    def __init__(
        self, backbone: Backbone, entries: Entries, transforms: Sequence[Transform], bits: int | None, batch: int,
        use: str,
    ) -> None:
        self._entries, self._layers = entries, backbone.layers
        found = [rounding_of(backbone, each.shape, batch, entries) for each in transforms]
        self.alone = all(each.alone for each in found)
        self.names_layers = any({*each.bits.split()} & {*self._layers} for each in found)
        backbone.known_engine = found[-1].engine
        network = network_of(backbone)
        together = [] if self.alone else [use, torch.get_num_threads(), batch]
        self._beside = key_of("beside", network[2:], bits)
        self._networks = [
            key_of("maps", network, each.bits, _geometry(transform), bits, together)
            for each, transform in zip(found, transforms, strict=True)
        ]

    def find(self, company: Company) -> Known | None:
        """What is kept of a photo; None unless its maps are kept at each size."""
        if not company.content or (kept := self._entries.get(key_of(self._beside, company.content))) is None:
            return None
        beside = Beside.unpacked(kept)
        sizes = [self._maps(company, size) for size in range(len(self._networks))]
        maps = tuple(each for each in sizes if each is not None)
        return None if beside is None or len(maps) < len(sizes) else Known(maps, beside)

    def has(self, content: str) -> bool:
        """Whether what is needed of the photo with this content is kept, wherever its maps do not depend on others."""
        company = Company((content,), 0)
        keys = [self._key(company, size, layer) for size in range(len(self._networks)) for layer in self._layers]
        return bool(content) and self.alone and all(map(self._entries.has, (key_of(self._beside, content), *keys)))

    def keep(self, company: Company, beside: Beside) -> None:
        """Keep what is needed beside the maps."""
        self._entries.put(key_of(self._beside, company.content), beside.packed())

    def keep_maps(self, company: Company, size: int, maps: Maps) -> None:
        """Keep a photo's maps at the size of this number."""
        for layer, values in maps.items():
            self._entries.put(self._key(company, size, layer), values)

    def _maps(self, company: Company, size: int) -> Maps | None:
        found = {layer: self._entries.get(self._key(company, size, layer)) for layer in self._layers}  # damage in any
        maps = {layer: kept for layer, kept in found.items() if kept is not None and kept.ndim == 3}
        return maps if len(maps) == len(found) else None

    def _key(self, company: Company, size: int, layer: str) -> str:
        photo = [company.content] if self.alone else [company.contents, company.place]
        return key_of(self._networks[size], layer, photo)


def maps_of(backbone: Backbone, given: Input) -> Mapping[str, Tensor]:
    """Feature maps {layer: (B, C, h, w)} of the photos of a batch, on the backbone's device; new ones are kept."""
    fresh = backbone(torch.from_numpy(given.images)) if len(given.images) else {}
    if given.kept is None:
        return fresh
    rows = {layer: values.permute(0, 2, 3, 1).cpu().numpy() for layer, values in fresh.items()}  # (b, h, w, C)
    new = iter([{layer: np.ascontiguousarray(values[number]) for layer, values in rows.items()}
                for number in range(len(given.images))])  # fmt: skip
    maps = [next(new) if known is None else known for known in given.maps]
    for known, company, made in zip(given.maps, given.company, maps, strict=True):
        if known is None and company is not None:
            given.kept.keep_maps(company, given.size, made)
    return fresh if not any(given.maps) else _joined(backbone, maps)


def _joined(backbone: Backbone, maps: Sequence[Maps]) -> dict[str, Tensor]:
    """{layer: (B, C, h, w)} of the maps (h, w, C) of photos."""
    rows = {layer: np.stack([each[layer] for each in maps]) for layer in backbone.layers}  # (B, h, w, C)
    return {layer: torch.from_numpy(values).to(backbone.device).permute(0, 3, 1, 2) for layer, values in rows.items()}


def _geometry(transform: Transform) -> list[object]:
    return [transform.image_size, transform.center_crop, transform.shape, transform.mean, transform.std]

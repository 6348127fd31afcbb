"""Photos of which the feature maps are kept, and what else of a photo a fit needs; no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from patchcore_core.data.likeness import SIDE

Maps = Mapping[str, np.ndarray]  # of one photo: layer -> (h, w, C), as the network gave it
_BESIDE = np.dtype([("picture", np.float16, SIDE**2), ("light", np.float64, 2), ("clipped", bool), ("unscaled", bool)])


@dataclass(frozen=True)
class Beside:
    """What a fit needs of a photo beside its maps: thumbnail (4096,), light (2,), and how it fits its scale, as in
    batches.Reading."""

    picture: np.ndarray
    light: np.ndarray
    clipped: bool
    unscaled: bool

    def packed(self) -> np.ndarray:
        """As bytes in an array, to be kept."""
        values = np.array((self.picture, self.light, self.clipped, self.unscaled), _BESIDE)
        return np.frombuffer(values.tobytes(), np.uint8)

    @classmethod
    def unpacked(cls, packed: np.ndarray) -> Beside | None:
        """What `packed` gave; None for another array."""
        if packed.nbytes != _BESIDE.itemsize:
            return None
        values = np.frombuffer(packed.tobytes(), _BESIDE)[0]
        return cls(values["picture"], values["light"], bool(values["clipped"]), bool(values["unscaled"]))


@dataclass(frozen=True)
class Company:
    """The photo at `place` among those with these content keys, which go through the network together."""

    contents: tuple[str, ...]
    place: int

    @property
    def content(self) -> str:
        """The photo's own key."""
        return self.contents[self.place]


@dataclass(frozen=True)
class Known:
    """What is kept of a photo: its feature maps at each size, and the rest."""

    maps: tuple[Maps, ...]
    beside: Beside


class Kept(Protocol):
    """Where feature maps of photos are looked up and kept. `alone`: a photo's maps do not depend on its company; else
    those of a whole batch are known, or none."""

    alone: bool

    def find(self, company: Company) -> Known | None:
        """What is kept of a photo; None unless its maps are kept at each size."""

    def keep(self, company: Company, beside: Beside) -> None:
        """Keep what is needed beside the maps."""

    def keep_maps(self, company: Company, size: int, maps: Maps) -> None:
        """Keep a photo's maps at the size of this number."""

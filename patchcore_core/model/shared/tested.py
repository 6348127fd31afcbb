"""The patches of test photos and their nearest bank rows, kept for fits whose banks begin alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from patchcore_core.model.batches import NO_IMAGES, Batch, Input
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.shared.growing import At, GrowingNearest

Grid = tuple[int, ...]  # (B, h, w)


class Tested:
    """What searches have found of batches of photos, and their patches, at most `limit` bytes: up to `most` rows for
    each patch, at each size. `banks`: the rows of the banks in which all batches were searched last, () before."""

    def __init__(self, most: int, limit: int) -> None:
        self.most, self.limit, self.banks = most, limit, tuple[int, ...]()
        self.batches: list[Batch] = []
        self._found: dict[tuple[int, int], tuple[Grid, GrowingNearest]] = {}
        self._patches: dict[int, list[np.ndarray]] | None = {}  # None: there is no room for those of all
        self._bytes = self._patch_bytes = 0

    def read(self, batches: Callable[[], Iterable[Batch]]) -> Iterator[Batch]:
        """The batches, but for their images kept from the last time if the patches of all are kept, too."""
        self.banks = ()
        if self.batches and self._patches is not None:
            yield from self.batches
            return
        noted = []
        for batch in batches():
            known = (Input(NO_IMAGES, ({},) * len(batch.samples)),) if batch.samples else ()
            noted.append(replace(batch, inputs=known))
            yield batch
        self.batches = noted

    def patches(self, batch: Batch, embed: Callable[[Batch], list[np.ndarray]]) -> list[np.ndarray]:
        """The patches (B, h, w, D) of a batch at each size, as `embed` gives them."""
        if self._patches is not None and batch.number in self._patches:
            return self._patches[batch.number]
        found = embed(batch)
        if self._patches is not None:
            self._patches[batch.number] = found
            self._patch_bytes += sum(each.nbytes for each in found)
            self._make_room()
        return found

    def at(self, batch: Batch, size: int, grid: Grid) -> At | None:
        """Where the patches of a batch at the size of this number are kept; None where there is no room for them."""
        number = batch.number
        if (number, size) not in self._found:
            patches = int(np.prod(grid))
            self._bytes += patches * (16 * self.most + 8)
            self._make_room()
            if self._bytes > self.limit:
                return None
            self._found[number, size] = grid, GrowingNearest(patches, self.most)
        kept = self._found[number, size][1]
        return At(kept, np.arange(kept.count))

    def _make_room(self) -> None:
        """Patches give way to what was found, which takes longer to find again."""
        if self._bytes + self._patch_bytes > self.limit:
            self._patches, self._patch_bytes = None, 0

    def found(self, batch: Batch, k: int) -> list[tuple[np.ndarray, ...]]:
        """Distances and rows (B, h, w, k) of a batch at each size."""
        sizes = [self._found[batch.number, size] for size in range(len(self.banks))]
        return [tuple(values.reshape(*grid, k) for values in kept.known(k)) for grid, kept in sizes]

    def knows(self, banks: Sequence[MemoryBank], k: int) -> bool:
        """Whether all batches were searched in banks of so many rows."""
        return self.banks == tuple(map(len, banks)) and k <= self.most and self._bytes <= self.limit

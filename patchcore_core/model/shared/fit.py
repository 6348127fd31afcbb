"""The steps of a fit that others may have done already."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from torch import Tensor

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.memory import free_memory
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.samples import Sample
from patchcore_core.model.batches import Batch
from patchcore_core.model.features import PatchFeatures, TrainingFeatures
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.overlap import overlapped
from patchcore_core.model.results import Found
from patchcore_core.model.shared.fields import CORESET, EMBEDDING, NESTED, values
from patchcore_core.model.shared.growing import At, LeftOutNearest
from patchcore_core.model.shared.shared import Shared
from patchcore_core.model.shared.tested import Tested

Made = TypeVar("Made")
Keeping = Callable[[int, tuple[int, ...]], At | None]  # number of a size, (B, h, w) of its patches: where they are kept
ROOM = 0.125  # of the free memory, for what searches have found of training photos, and of test photos


class SharedFit:
    """One fit of these photos, read at this `reading` (bit depth and shape), among those of `shared`; `shares`:
    whether it may, which one that goes on from another may not."""

    def __init__(
        self, shared: Shared, config: PatchCoreConfig, samples: Iterable[Sample] = (), reading: Hashable = (),
        shares: bool = True,
    ) -> None:
        self._shared, self._config = shared if shares else Shared(), config
        photos = _photos(samples) if self._shared.used else ()
        self._features = (*values(config, EMBEDDING), reading, photos)
        self._coreset = (*values(config, CORESET), reading, photos)
        self.shortened = set[str]()  # the stages of whose work other fits had done a part
        self.selected = 0  # rows of the coresets, at all sizes, that this one is the beginning of
        self._chosen: dict[int, float] = {}  # the ratio whose selection the coreset at each size is the beginning of

    def features(self, make: Callable[[], TrainingFeatures]) -> TrainingFeatures:
        """The features of the training photos; those in files last no longer than a fit."""
        found, there = self._shared.once("features", self._features, make)
        planned = found.planned_for(self._config) if there else found
        if planned.plan.in_file:
            self._shared.forget("features")
            return make() if there else planned
        if there:
            self.shortened.add("features")
        return planned

    def copies(self, features: TrainingFeatures) -> NearCopies:
        """The near-copies among the training photos."""
        return self._once("features", "copies", self._features, lambda: NearCopies.of(features.pictures()))

    def picks(
        self, size: int, rows: np.ndarray | Tensor, nested: Callable[..., bool] | None,
        select: Callable[[float], np.ndarray],
    ) -> np.ndarray:
        """Which of the `rows` (N, D) at the size of this number make the coreset, as `select` chooses them for a ratio.

        Only the largest is selected of those that are its beginning, as `nested` says of two sizes; None: no such are.
        """
        config, largest = self._config, self._shared.largest_ratio(self._config)
        wanted, most = (max(1, int(len(rows) * ratio)) for ratio in (config.coreset_ratio, largest))
        alike = nested is not None and config.sampler in NESTED and nested(rows, one=wanted, other=most)
        chosen = self._chosen[size] = largest if alike else config.coreset_ratio
        picks = self._once("coreset", f"coreset {size}", (*self._coreset, chosen), lambda: select(chosen))
        self.selected += len(picks)
        return picks[:wanted] if alike else picks

    def bank(self, size: int, patches: PatchFeatures, picks: np.ndarray, device: str) -> MemoryBank:
        """The memory bank of these picks of the patches at the size of this number."""
        key = (*self._coreset, self._chosen.get(size), len(picks))
        return self._once("index", f"bank {size}", key,
                          lambda: MemoryBank(patches.take(picks), patches.origin(picks), device))  # fmt: skip

    def keep_left_out(self, banks: Sequence[MemoryBank], features: TrainingFeatures, copies: NearCopies) -> None:
        """Have the banks keep what is found of training photos left out, for banks that begin with their rows."""
        most, images = self._shared.most_neighbours(self._config), len(copies.groups)
        cells = [scale.shape[0] * scale.shape[1] for scale in features.scales]
        if not self._shared.used or 2 * images * sum(cells) * (16 * most + 8) > ROOM * free_memory():
            return
        for size, (bank, count) in enumerate(zip(banks, cells, strict=True)):
            if bank.leaves_out:
                bank.left_out = self._once(
                    "held-out", f"left out {size}", (*self._coreset, self._chosen[size]),
                    partial(LeftOutNearest, copies.groups, count, most),
                )  # fmt: skip

    def scored(
        self, banks: Sequence[MemoryBank], samples: Sequence[Sample], read: Callable[[], Iterator[Batch]],
        embed: Callable[[Batch], list[np.ndarray]], score: Callable[[Sequence[np.ndarray], Keeping | None], Found],
        of_known: Callable[[list[tuple[np.ndarray, ...]]], Found], device: str,
    ) -> Iterator[tuple[Batch, Found | None]]:
        """Each batch that `read` gives of test photos with its scores, in order.

        `embed` gives the patches (B, h, w, D) of a batch at each size; `score` searches for them, and keeps what it
        finds; where the searches are done already, `of_known` is given what they have found, and no photo is read.
        """
        tested, k = self._tested(banks, samples), self._config.num_neighbors
        if tested is not None and tested.knows(banks, k) and self._config.reweight_neighbors is None:
            yield from overlapped(tested.batches, lambda batch: of_known(tested.found(batch, k)), device)
            return
        if tested is None:
            yield from overlapped(read(), lambda batch: score(embed(batch), None), device)
            return
        yield from overlapped(
            tested.read(read), lambda batch: score(tested.patches(batch, embed), partial(tested.at, batch)), device
        )
        tested.banks = tuple(map(len, banks)) if k <= tested.most else ()

    def _tested(self, banks: Sequence[MemoryBank], samples: Sequence[Sample]) -> Tested | None:
        """What searches in these banks, or in banks that begin them, have found of test photos."""
        if not self._shared.used or not all(bank.leaves_out for bank in banks):
            return None
        most, chosen = self._shared.most_neighbours(self._config), tuple(self._chosen.values())
        return self._once("predict", "tested", (*self._coreset, chosen, _photos(samples)),
                          lambda: Tested(most, int(ROOM * free_memory())))  # fmt: skip

    def _once(self, stage: str, kind: str, key: Hashable, make: Callable[[], Made]) -> Made:
        made, there = self._shared.once(kind, key, make)
        if there:
            self.shortened.add(stage)
        return made


def _photos(samples: Iterable[Sample]) -> Hashable:
    paths = [sample.path for sample in samples]
    return tuple(zip(map(str, paths), content_keys(paths), strict=True))

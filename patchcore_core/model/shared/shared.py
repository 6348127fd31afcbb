"""What several fits of the same photos have in common: features, coresets, banks, and the nearest rows of patches.

Of each kind one thing is kept, the last; so fits that share it should follow one another, smaller coresets and more
neighbours first. Whatever is shared is what a fit alone would compute, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.shared.fields import CORESET, NETWORK, values

Made = TypeVar("Made")


class Shared:
    """Kept from one fit to the next, of the fits with these `configs`."""

    def __init__(self, configs: Sequence[PatchCoreConfig] = ()) -> None:
        self._configs = tuple(configs)
        self._kept: dict[str, tuple[Hashable, Any]] = {}

    @property
    def used(self) -> bool:
        """Whether there are several fits."""
        return len(self._configs) > 1

    def once(self, kind: str, key: Hashable, make: Callable[[], Made]) -> tuple[Made, bool]:
        """What was made for this key, if it was the last of its kind, else what `make` gives, which is then kept; and
        whether it was there."""
        if not self.used:
            return make(), False
        there = kind in self._kept and self._kept[kind][0] == key
        if not there:
            self._kept.pop(kind, None)  # two of them may not fit into memory
            self._kept[kind] = key, make()
        return self._kept[kind][1], there

    def network(self, config: PatchCoreConfig, load: Callable[[], Made]) -> Made:
        """The network of this configuration, as `load` gives it."""
        return self.once("network", values(config, (*NETWORK, "layers")), load)[0]

    def forget(self, kind: str) -> None:
        """Keep the last of this kind no longer."""
        self._kept.pop(kind, None)

    def largest_ratio(self, config: PatchCoreConfig) -> float:
        """The largest of the coresets that differ in size only."""
        return max((each.coreset_ratio for each in self._alike(config)), default=config.coreset_ratio)

    def most_neighbours(self, config: PatchCoreConfig) -> int:
        """The most neighbours that are asked for in these coresets."""
        return max((each.num_neighbors for each in self._alike(config)), default=config.num_neighbors)

    def _alike(self, config: PatchCoreConfig) -> list[PatchCoreConfig]:
        return [each for each in self._configs if values(each, CORESET) == values(config, CORESET)]

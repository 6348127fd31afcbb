"""Runs as they are compared: choosing some of them by what they are, and what they have in common."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from patchcore_core.config import BESIDE_THE_RESULT, PatchCoreConfig
from patchcore_core.data.images import shown
from patchcore_core.data.values import PhotoCounts
from patchcore_core.evaluation.statistics.many.means import UNKNOWN, Limits
from patchcore_core.views.comparison.names import short_names
from patchcore_core.views.run_names import percent, scales_words

MADE_FOR = {"network": ("backbone", "layers"), "backbone": ("backbone",), "layers": ("layers",)}


@dataclass(frozen=True, eq=False)
class Entry:
    """One finished run, as plain values.

    tests: the same exactly for runs tested on the same images. weights: SHA-256 of the network's. costs: see
    runs.compared.costs, for which of them a fit alone takes more (`shortened`), and which are estimates for one
    (`estimated`). created: when, in words. name, tags, sweep: how people call and group runs, "" for none.
    """

    id: str
    category: str
    config: PatchCoreConfig
    tests: str = ""
    weights: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Limits] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    shortened: frozenset[str] = frozenset()
    counts: PhotoCounts = field(default_factory=PhotoCounts)
    created: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()
    sweep: str = ""
    estimated: frozenset[str] = frozenset()

    def sign(self, cost: str) -> str:
        """What stands before a cost; nothing before one that is not known."""
        if math.isnan(self.costs.get(cost, math.nan)):
            return ""
        return sign(cost in self.shortened, cost in self.estimated)

    def metric(self, name: str) -> float:
        """NaN where it has none."""
        return float(self.metrics.get(name, math.nan))

    def interval(self, name: str) -> Limits:
        """NaN ends where there is none."""
        return self.intervals.get(name, UNKNOWN)

    def rest(self, name: str = "") -> Hashable:
        """All that determines the result but the seed, the data and the field of this name."""
        values = vars(self.config)
        left_out = {"seed", *BESIDE_THE_RESULT, *MADE_FOR.get(name, (name,))}
        weights = "" if name in ("backbone", "network") else self.weights
        return repr([(key, value) for key, value in values.items() if key not in left_out]), weights

    def value(self, name: str) -> Hashable:
        """The value of a field of the configuration; `network` is backbone and layers."""
        values = vars(self.config)
        if name == "network":
            return self.config.backbone, self.config.layers
        found: Any = values[name]
        return tuple(found) if isinstance(found, list) else found


def sign(at_least: bool, estimated: bool) -> str:
    """What stands before a cost that is not the measured one of a fit alone."""
    return "≥ " if at_least else "≈ " if estimated else ""


FACTS: Mapping[str, Callable[[Entry], Collection[str]]] = MappingProxyType({  # what runs are chosen by, in words
    "category": lambda one: [one.category],
    "backbone": lambda one: [one.config.backbone],
    "layers": lambda one: [" + ".join(one.config.layers)],
    "coreset": lambda one: ["all patches" if one.config.sampler == "identity" else percent(one.config.coreset_ratio)],
    "size": lambda one: [f"{scales_words(one.config) or one.config.image_size} px"],
    "k": lambda one: [str(one.config.num_neighbors)],
    "sweep": lambda one: [one.sweep] if one.sweep else [],
    "tag": lambda one: one.tags,
})  # fmt: skip


def passing(entries: Sequence[Entry], chosen: Mapping[str, Collection[str]], text: str = "") -> list[Entry]:
    """Those with one of the chosen words of each of `FACTS` that any are chosen of, and every word of the text in
    category, settings, id, name, tags or sweep, ignoring case."""
    wanted = {name: set(words) for name, words in chosen.items() if words}
    words = _folded(text).split()
    return [one for one in entries
            if all(not of_name.isdisjoint(FACTS[name](one)) for name, of_name in wanted.items())
            and (not words or all(word in _text(one) for word in words))]


def choices(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """The words of each of `FACTS` that can be chosen, those that tell some runs from others, in order."""
    found = {}
    for name, of in FACTS.items():
        words = {word for one in entries for word in of(one)}
        if len(words) > 1 or (words and any(not of(one) for one in entries)):
            found[name] = sorted(words, key=_by_number)
    return found


def names_of(entries: Sequence[Entry]) -> dict[str, str]:
    """By id, what people call the run and the settings in which these differ."""
    settings = short_names([one.config for one in entries], seeds=True)
    return {one.id: " · ".join(filter(None, (shown(one.name), words)))
            for one, words in zip(entries, settings, strict=True)}


def fields_that_vary(entries: Sequence[Entry]) -> list[str]:
    """The fields of the configuration that have two values or more among runs that are equal in all else but the seed;
    backbone and layers also together, as `network`."""
    names = [name for name in (*vars(PatchCoreConfig()), "network") if name not in ("seed", *BESIDE_THE_RESULT)]
    return [name for name in names if _varies(entries, name)]


def _varies(entries: Sequence[Entry], name: str) -> bool:
    if len({one.value(name) for one in entries}) < 2:
        return False
    seen: dict[Hashable, Hashable] = {}
    return any(seen.setdefault((one.rest(name), one.category, one.tests), one.value(name)) != one.value(name)
               for one in entries)


def _text(one: Entry) -> str:
    config = one.config
    return _folded(" ".join((one.category, config.backbone, " + ".join(config.layers), one.id, one.name, *one.tags,
                             one.sweep)))  # fmt: skip


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _by_number(word: str) -> tuple[float, str]:
    first = word.split()[0] if word.split() else ""
    try:
        return float(first), word
    except ValueError:
        return math.inf, word

"""The rules by which a run may have recorded thresholds, by name: names are looked up, never parsed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from patchcore_core.evaluation.values import Kind, Level, Rule, Source

SOURCES: tuple[Source, ...] = ("held-out", "test good", "oracle", "manual")  # from unbiased to optimistic
ORACLES: tuple[Kind, ...] = ("f1_max", "youden", "cost_weighted")
SHARES: Mapping[Level, float] = MappingProxyType({"image": 0.99, "pixel": 0.999})  # of good scores below the threshold
RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in (
    *(Rule("quantile", source, level, 100 * SHARES[level]) for source in SOURCES[:2] for level in SHARES),
    *(Rule("mean_sd", source, level, 3.0) for source in SOURCES[:2] for level in SHARES),
    *(Rule("fpr", source, "image", 1.0) for source in SOURCES[:2]),
    Rule("max", "test good"),
    *(Rule(kind, "oracle", level) for kind in ORACLES for level in SHARES),
    *(Rule("manual", "manual", level) for level in SHARES),
)})  # fmt: skip


def level_of(name: str) -> Level:
    """The level of a recorded threshold."""
    return RULES[name].level if name in RULES else "image"


def source_of(name: str) -> Source:
    """The data that a recorded threshold was set on; "oracle" for an unknown name."""
    return RULES[name].source if name in RULES else "oracle"


def rule_words(name: str) -> str:
    """How a recorded threshold is named in a sentence: `held-out rule`."""
    source = source_of(name)
    return f"{name} rule (oracle)" if source == "oracle" else f"{source} rule"


def of_level(thresholds: Mapping[str, float], level: Level) -> dict[str, float]:
    """The finite thresholds of one level, by name: held-out, then good test images, then oracles."""
    names = [name for name, value in thresholds.items() if math.isfinite(value) and level_of(name) == level]
    return {name: thresholds[name] for name in sorted(names, key=lambda name: SOURCES.index(source_of(name)))}

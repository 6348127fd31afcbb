"""Short names: what tells runs that are compared from each other, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from patchcore_core.config import BESIDE_THE_RESULT, PatchCoreConfig
from patchcore_core.data.images import shown
from patchcore_core.evaluation.statistics.compare import config_differences
from patchcore_core.views.run_names import percent, settings


def field_value(name: str, value: object) -> str:
    """One config field as people read it; fields whose value says nothing by itself bring their name."""
    if name == "coreset_ratio" and isinstance(value, float):
        return percent(value)
    if isinstance(value, list | tuple):
        return " + ".join(map(str, value)) or "one scale"  # of layers there is at least one
    return str(value) if name in ("backbone", "sampler", "distance") else f"{name} {'none' if value is None else value}"


def short_names(configs: Sequence[PatchCoreConfig], seeds: bool = False, without: Sequence[str] = ()) -> list[str]:
    """The settings in which these differ: `wide_resnet50_2 · 10 %`; the main ones where nothing differs. With `seeds`
    these too; `without` some fields."""
    differing = config_differences([config.to_dict() for config in configs])
    for name in (*BESIDE_THE_RESULT, *without, *(() if seeds else ("seed",))):
        differing.pop(name, None)
    return [shown(" · ".join(field_value(name, row[place]) for name, row in differing.items())) or settings(config)
            for place, config in enumerate(configs)]


def value_words(name: str, value: object) -> str:
    """The value of a field on an axis: without its name."""
    if name == "network" and isinstance(value, tuple):
        return shown(f"{value[0]} · {' + '.join(value[1])}")
    return shown(field_value(name, value).removeprefix(f"{name} "))

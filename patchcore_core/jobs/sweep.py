"""Sweeps: configurations from several values per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError


def configurations(fixed: Mapping[str, Any], varied: Mapping[str, Sequence[Any]]) -> tuple[PatchCoreConfig, ...]:
    """Every combination of the values in `varied` on top of `fixed`, the last field changing fastest, without
    duplicates.

    ConfigError for a field without a value, an unknown field, or an invalid combination.
    """
    for name, values in varied.items():
        if not values:
            raise ConfigError(f"{name} must have at least one value")
    made = [
        PatchCoreConfig.from_dict({**fixed, **dict(zip(varied, values, strict=True))})
        for values in product(*varied.values())
    ]
    return tuple(dict.fromkeys(made))

"""Several values of a field are several configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError


def configurations(fixed: Mapping[str, Any], varied: Mapping[str, Sequence[Any]]) -> tuple[PatchCoreConfig, ...]:
    """Every combination of the values in `varied` on top of `fixed`, the last field changing fastest; none twice.

    ConfigError for a field without a value, an unknown field, or a combination that cannot work.
    """
    for name, values in varied.items():
        if not values:
            raise ConfigError(f"{name} must have at least one value")
    made = [
        PatchCoreConfig.from_dict({**fixed, **dict(zip(varied, values, strict=True))})
        for values in product(*varied.values())
    ]
    return tuple(dict.fromkeys(made))

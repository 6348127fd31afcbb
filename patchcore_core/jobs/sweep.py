"""Sweeps: configurations from several values per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError


@dataclass(frozen=True)
class Member:
    """One combination: the values of the fields that vary, and their configuration, or why there is none (`refused`).
    """

    settings: dict[str, Any]
    config: PatchCoreConfig | None
    refused: str = ""


def members(fixed: Mapping[str, Any], varied: Mapping[str, Sequence[Any]]) -> tuple[tuple[Member, ...], int]:
    """Every combination of the values in `varied` on top of `fixed`, the last field changing fastest, and how many more
    there were whose configuration is that of an earlier one.

    ConfigError for a field without a value, an unknown field, or values of `fixed` that no combination can have.
    """
    for name, values in varied.items():
        if not values:
            raise ConfigError(f"{name} must have at least one value")
    found = [_member(fixed, dict(zip(varied, values, strict=True))) for values in product(*varied.values())]
    if all(each.config is None for each in found):
        raise ConfigError(found[0].refused)
    kept: dict[object, Member] = {}
    for each in found:
        kept.setdefault(each.config or said(each.settings), each)
    return tuple(kept.values()), len(found) - len(kept)


def configurations(fixed: Mapping[str, Any], varied: Mapping[str, Sequence[Any]]) -> tuple[PatchCoreConfig, ...]:
    """The configurations of all combinations, without duplicates; ConfigError as for `members`, and for an invalid
    combination."""
    made = []
    for member in members(fixed, varied)[0]:
        if member.config is None:
            raise ConfigError(member.refused)
        made.append(member.config)
    return tuple(made)


def said(settings: Mapping[str, Any]) -> str:
    """The values of a combination as they are typed: `layers=blocks.2+blocks.4 coreset_ratio=0.1`."""
    return " ".join(f"{name}={'+'.join(map(str, value)) if isinstance(value, list | tuple) else value}"
                    for name, value in settings.items())  # fmt: skip


def _member(fixed: Mapping[str, Any], settings: dict[str, Any]) -> Member:
    try:
        return Member(settings, PatchCoreConfig.from_dict({**fixed, **settings}))
    except ConfigError as error:
        return Member(settings, None, str(error))

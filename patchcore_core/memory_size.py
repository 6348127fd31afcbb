"""Amounts of memory as text: `2`, `2GiB`, `512MiB`, `1.5GB`."""

from __future__ import annotations

import re

from patchcore_core.errors import ConfigError

GIB = 2**30
UNITS = {"": GIB, "b": 1, "kib": 2**10, "mib": 2**20, "gib": GIB, "tib": 2**40,
         "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}  # fmt: skip
WRITTEN = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)\s*([a-z]*)", re.IGNORECASE)
FORMS = "a number of GiB, or one with a unit (KiB, MiB, GiB, TiB, kB, MB, GB, TB), such as 512MiB or 1.5GB"


def gib_of(text: str, name: str = "memory_limit") -> float:
    """The amount in GiB; a number without a unit is in GiB. ConfigError, with the `name` of the setting, for anything
    else, and for 0 or less.

    KiB, MiB, GiB and TiB are powers of 1024 bytes, kB, MB, GB and TB powers of 1000; case is ignored.
    """
    found = WRITTEN.fullmatch(text.strip())
    unit = UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise ConfigError(f"{name} must be {FORMS}, got {text!r}")
    gib = float(found[1]) * unit / GIB
    if not 0 < gib < float("inf"):
        raise ConfigError(f"{name} must be more than 0 GiB, got {text!r}")
    return gib

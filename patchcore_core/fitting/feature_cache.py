"""The feature cache of a store: what networks gave for its photos, so that a later fit need not run them again."""

from __future__ import annotations

import os
from pathlib import Path

from patchcore_core.memory_size import GIB, gib_of
from patchcore_core.model.cache.entries import Entries
from patchcore_core.runs.folder import FEATURES
from patchcore_core.runs.presence import read_only

VARIABLE = "PATCHCORE_FEATURE_CACHE"  # its size, or "off"
DEFAULT = 5 * 10**9  # bytes, as much as ccache takes: some thousand photos of the preset `quick`
OFF = ("off", "none", "no", "false", "0")


def feature_cache(root: Path) -> Entries | None:
    """That of the store in `root`, None where it is turned off or nothing may be written; ConfigError for a size that
    cannot be read."""
    asked = os.environ.get(VARIABLE, "").strip()
    if asked.lower() in OFF or read_only():
        return None
    return Entries(root / FEATURES, round(gib_of(asked, VARIABLE) * GIB) if asked else DEFAULT)

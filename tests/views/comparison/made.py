"""Entries made by hand."""

from __future__ import annotations

from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.views.comparison.entries import Entry

COSTS = {"fit_seconds": 10.0, "image_ms": 5.0, "bank_bytes": 2e6, "bank_rows": 40.0, "peak_bytes": 1e9}


def entry(number: int, category: str = "tile", auroc: float = 0.9, cost: float = 10.0, shortened: tuple[str, ...] = (),
          **config: Any) -> Entry:  # fmt: skip
    """Run r`number` with this Image AUROC ± 0.05 and this fit time."""
    return Entry(f"r{number}", category, PatchCoreConfig(**config), f"tests of {category}",
                 metrics={"image_auroc": auroc}, intervals={"image_auroc": (auroc - 0.05, auroc + 0.05)},
                 costs=COSTS | {"fit_seconds": cost}, shortened=frozenset(shortened))  # fmt: skip

"""Figures of several turns, as numbers, cells of a table and JSON."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

Spread = dict[str, float]


def spread(values: list[float]) -> Spread:
    """Median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def cells(figures: Spread, scale: float = 1.0) -> str:
    """The median and the two limits, divided by `scale`, 30 characters wide."""
    limits = f"({figures['least'] / scale:.2f}-{figures['most'] / scale:.2f})"
    return f"{figures['median'] / scale:>10.2f}{limits:>20}"


def write_json(path: Path | None, result: Any) -> None:
    """The result in a file, where one is named."""
    if path is not None:
        path.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")

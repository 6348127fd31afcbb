"""Whether two runs hold the same results."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from patchcore_core.runs.store import RunStore

FIGURES = ("metrics", "intervals", "thresholds", "heldout", "trim", "badges", "per_defect")


def same_runs(one: Path, other: Path) -> bool:
    """Whether the memory banks, scores, maps, curves and figures in these folders are equal to the bit."""
    stores = RunStore(one.parent), RunStore(other.parent)
    runs = [store.get(folder.name) for store, folder in zip(stores, (one, other), strict=True)]
    maps = [store.anomaly_maps(run) for store, run in zip(stores, runs, strict=True)]
    curves = [store.curves(run).arrays() for store, run in zip(stores, runs, strict=True)]
    files = [*one.glob("memory_bank/*.safetensors"), one / "images.csv"]
    figures = [[repr(getattr(run, name)) for name in FIGURES] for run in runs]
    return (
        np.array_equal(*maps)
        and curves[0].keys() == curves[1].keys()
        and all(np.array_equal(values, curves[1][key], equal_nan=values.dtype.kind == "f")
                for key, values in curves[0].items())
        and all(path.read_bytes() == (other / path.relative_to(one)).read_bytes() for path in files)
        and figures[0] == figures[1]
    )  # fmt: skip

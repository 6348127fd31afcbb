"""`fit --dry-run`: the forecast of each fit."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from patchcore_core.cli.wording import excluded_lines
from patchcore_core.codec import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import DataError
from patchcore_core.fitting.calibrate import measure
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.forecast import forecast
from patchcore_core.model.network.input_shape import scale_shapes
from patchcore_core.model.network.probe import check, probe
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import rough

MEASURED = "measured here"


def foresee(dataset: Dataset, config: PatchCoreConfig, store: RunStore) -> dict[str, Any]:
    """The forecast of one fit as JSON values, with seconds measured on a few of the images if they are readable.

    `run` is the finished run that this fit would reuse, None if there is none. `seconds_from` is "measured here" or the
    id of the run that the seconds were scaled from; null with unknown seconds.
    """
    draft, counts = draft_run(dataset, config), dataset.counts()
    shape = probe(config, draft.shape)
    existing = store.find(draft.identity)
    check(draft.config, draft.shape)
    cost = forecast(draft.config, counts.train, counts.tested, shape.grid, shape.dim, store.list(), shape.size,
                    shape.coarser)
    doubts = list(dataset.warnings)
    try:
        stages = measure(dataset, draft.config).stages(cost, counts.train, counts.tested)
        cost = dataclasses.replace(cost, seconds=math.fsum(stages.values()), seconds_from=MEASURED, stages=stages)
    except DataError as error:  # the fit leaves unreadable photos out, and may still work
        doubts.append(f"the time was not measured on the photos ({error})")
    return {
        "category": dataset.category, "run": existing.id if existing and existing.status == "finished" else None,
        "shape": list(cost.size), "inputs": [list(each) for each in scale_shapes(draft.config, cost.size)],
        "train_images": counts.train, "test_images": counts.tested,
        "patches": cost.patches,
        "bank": {"rows": cost.rows, "dim": cost.dim, "bytes": cost.bank_bytes}, "memory_bytes": cost.memory_bytes,
        "disk_bytes": cost.disk_bytes, "in_file": cost.in_file, "parts": cost.parts,
        "seconds": _known(cost.seconds), "seconds_from": cost.seconds_from,
        "stages": plain(cost.stages), "excluded": list(dataset.excluded), "warnings": doubts,
        "error": None,
    }  # fmt: skip


def lines(record: dict[str, Any]) -> list[str]:
    """The forecast as text."""
    bank, seconds = record["bank"], record["seconds"]
    time = "unknown until one fit of this kind has run" if seconds is None else f"about {rough(seconds)}"
    basis = "" if seconds is None else f" ({_basis(record['seconds_from'])})"
    found = [f"  exists  as run {record['run']}: nothing would be computed"] if record["run"] else []
    return [
        f"{record['category']}: {record['train_images']} images to learn from, {record['test_images']} to test on",
        *found,
        *excluded_lines(record["excluded"]),
        f"  input   {' and '.join(f'{height} x {width}' for height, width in record['inputs'])} pixels, height x width"
        + (f"; maps of {record['shape'][0]} x {record['shape'][1]}" if len(record["inputs"]) > 1 else ""),
        f"  patches {record['patches']:,}",
        f"  bank    {bank['rows']:,} rows of {bank['dim']} values, {_bytes(bank['bytes'])}",
        f"  memory  about {_bytes(record['memory_bytes'])} at the peak{_how(record)}",
        f"  disk    about {_bytes(record['disk_bytes'])}",
        f"  time    {time}{basis}",
    ]


def _how(record: dict[str, Any]) -> str:
    """The measures that keep the fit within the memory limit."""
    parts = f", the coreset selected in {record['parts']} parts" if record["parts"] > 1 else ""
    return (", features in files" if record["in_file"] else "") + parts


def _basis(source: str) -> str:
    return "measured here on a few images" if source == MEASURED else f"scaled from run {source}"


def _known(seconds: float) -> float | None:
    return None if math.isnan(seconds) else seconds


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"

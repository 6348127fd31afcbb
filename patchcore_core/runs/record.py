"""What is known of one run, and its form as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patchcore_core.config import DEPTHS, PatchCoreConfig

ALIVE = ("queued", "running")
Progress = Callable[[str, int, int], None]  # stage, done, total
Limits = tuple[float, float]
POINT_NUMBERS = ("value", "false_alarms", "false_alarms_bound")  # of an operating point


@dataclass(frozen=True)
class Run:
    """One fit of one category with one configuration.

    `status` is queued, running, finished, failed, cancelled or lost (its process is gone). `seconds` are per
    stage; a metric or threshold that is undefined is NaN and `reasons` says why. `per_defect` holds for each
    defect type its count and metrics, `crop_loss` how many of its defects the centre crop cut away: total,
    wholly_lost, partly_lost. `plan` is the model.budget.Plan that was followed, `program_bytes` beside it, as whole
    numbers.

    How far the figures can be trusted: `intervals` hold for each metric its 95 % interval (low, high),
    `region_recall` what is found of the regions of each size class, both also per defect type;
    `operating_points` are evaluation.operating_point.OperatingPoint as dicts, one for every way to choose a threshold,
    of images and of pixels; `badges` evaluation.protocol.Badge as dicts. `heldout` says how the good scores behind
    the held-out thresholds came about: method, images, maps (of how many of these the pixels are counted), of (how
    many training images there are); `near_training` says of test images which training image they nearly are, paths
    relative to the dataset. `pixels` says how photos and masks are read: bits (the scale of photos of more than 8 bits,
    None where all training photos have 8). All of these are empty in runs that were made before they existed.

    `excluded` are photos that were left out on request, paths relative to the dataset. `warnings` are sentences for
    people; those that are about the folders and files of the dataset, and not about what was computed from them, also
    stand in `data_warnings`: they change with the folder, where the figures do not.

    `unreadable` lists (path, cause) of images that were skipped. `updated_at` changes
    with every change of the record. `identity` is the same for two runs exactly when configuration, data and
    weights are. `broken`: the record itself cannot be read; then only id, folder, status and error mean anything.
    """

    id: str
    status: str
    category: str
    dataset: str
    config: PatchCoreConfig
    folder: Path
    fingerprint: str = ""
    weights_sha256: str = ""
    identity: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    per_defect: dict[str, dict[str, float]] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=dict)
    intervals: dict[str, Limits] = field(default_factory=dict)
    per_defect_intervals: dict[str, dict[str, Limits]] = field(default_factory=dict)
    region_recall: tuple[dict[str, float], ...] = ()
    per_defect_region_recall: dict[str, tuple[dict[str, float], ...]] = field(default_factory=dict)
    operating_points: tuple[dict[str, Any], ...] = ()
    badges: tuple[dict[str, Any], ...] = ()
    heldout: dict[str, Any] = field(default_factory=dict)
    bank: dict[str, int] = field(default_factory=dict)
    plan: dict[str, int] = field(default_factory=dict)
    peak_rss_bytes: int = 0
    crop_loss: dict[str, dict[str, int]] = field(default_factory=dict)
    near_training: dict[str, str] = field(default_factory=dict)
    pixels: dict[str, Any] = field(default_factory=dict)
    unreadable: tuple[tuple[str, str], ...] = ()
    excluded: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    data_warnings: tuple[str, ...] = ()
    error: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""
    process: dict[str, Any] | None = None  # of runs/process.py: who computes it
    broken: bool = False

    @property
    def alive(self) -> bool:
        """Whether it waits or computes."""
        return self.status in ALIVE

    @property
    def fit_seconds(self) -> float:
        """Time until the memory bank was there, loading the network included: all but scoring the test images."""
        tested = [self.seconds.get(stage, 0.0) for stage in ("predict", "evaluate")]
        return self.seconds.get("total", math.nan) - math.fsum(tested)

    @property
    def bits(self) -> int:
        """The scale on which photos of more than 8 bits are read; that of 16 bits where none was found."""
        return int(self.pixels.get("bits") or DEPTHS[-1])

    @property
    def input_size(self) -> int:
        """Side of the square the network sees, pixels: the S of maps and masks."""
        return self.config.input_size


def to_json(run: Run) -> dict[str, Any]:
    """Plain JSON values in reading order; NaN and infinity become null. Of a broken run only what is known of it."""
    if run.broken:
        return {"id": run.id, "status": run.status, "error": run.error, "category": run.category}
    return {
        "id": run.id,
        "status": run.status,
        "error": run.error,
        "category": run.category,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
        "metrics": json_numbers(run.metrics),
        "intervals": json_numbers(run.intervals),
        "reasons": run.reasons,
        "thresholds": json_numbers(run.thresholds),
        "operating_points": json_numbers(run.operating_points),
        "heldout": json_numbers(run.heldout),
        "badges": json_numbers(run.badges),
        "seconds": json_numbers(run.seconds),
        "bank": run.bank,
        "plan": run.plan,
        "peak_rss_bytes": run.peak_rss_bytes,
        "config": run.config.to_dict(),
        "input_size": run.input_size,
        "dataset": {"path": run.dataset, "fingerprint": run.fingerprint, "counts": run.counts},
        "weights_sha256": run.weights_sha256,
        "identity": run.identity,
        "per_defect": json_numbers(run.per_defect),
        "per_defect_intervals": json_numbers(run.per_defect_intervals),
        "region_recall": json_numbers(run.region_recall),
        "per_defect_region_recall": json_numbers(run.per_defect_region_recall),
        "crop_loss": run.crop_loss,
        "near_training": run.near_training,
        "pixels": run.pixels,
        "unreadable": [list(entry) for entry in run.unreadable],
        "excluded": list(run.excluded),
        "warnings": list(run.warnings),
        "data_warnings": list(run.data_warnings),
        "versions": run.versions,
        "process": run.process,
    }


def from_json(values: dict[str, Any], folder: Path) -> Run:
    """The run recorded in `folder`; KeyError, TypeError, ValueError or ConfigError where the record is no run's."""
    dataset = values["dataset"]
    return Run(
        id=folder.name,
        status=str(values["status"]),
        category=str(values["category"]),
        dataset=str(dataset["path"]),
        config=PatchCoreConfig.from_dict(values["config"]),
        folder=folder,
        fingerprint=dataset["fingerprint"],
        weights_sha256=values["weights_sha256"],
        identity=values["identity"],
        counts=dict(dataset["counts"]),
        seconds=_null_to_nan(values["seconds"]),
        metrics=_null_to_nan(values["metrics"]),
        reasons=dict(values["reasons"]),
        per_defect={name: _null_to_nan(row) for name, row in values["per_defect"].items()},
        thresholds=_null_to_nan(values["thresholds"]),
        intervals=_limits(values.get("intervals", {})),
        per_defect_intervals={kind: _limits(row) for kind, row in values.get("per_defect_intervals", {}).items()},
        region_recall=tuple(_null_to_nan(row) for row in values.get("region_recall", ())),
        per_defect_region_recall={kind: tuple(_null_to_nan(row) for row in rows)
                                  for kind, rows in values.get("per_defect_region_recall", {}).items()},
        operating_points=tuple(_point(entry) for entry in values.get("operating_points", ())),
        badges=tuple(dict(entry) for entry in values.get("badges", ())),
        heldout=dict(values.get("heldout", {})),
        bank=dict(values["bank"]),
        plan=dict(values.get("plan", {})),
        peak_rss_bytes=int(values["peak_rss_bytes"]),
        crop_loss=dict(values["crop_loss"]),
        near_training={str(one): str(other) for one, other in values.get("near_training", {}).items()},
        pixels=_pixels(values.get("pixels", {})),
        unreadable=tuple((str(path), str(cause)) for path, cause in values["unreadable"]),
        excluded=tuple(str(path) for path in values.get("excluded", ())),
        warnings=tuple(values["warnings"]),
        data_warnings=tuple(str(sentence) for sentence in values.get("data_warnings", ())),
        error=values["error"],
        versions=dict(values["versions"]),
        created_at=str(values["created_at"]),
        updated_at=str(values["updated_at"]),
        process=None if values["process"] is None else dict(values["process"]),
    )


def json_numbers(values: Any) -> Any:
    """Plain values for JSON, in dicts and sequences of any depth: NaN and infinity, which JSON has no word for, become
    null, tuples lists; words, truth values and None stay."""
    if isinstance(values, Mapping):
        return {str(name): json_numbers(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [json_numbers(value) for value in values]
    if values is None or isinstance(values, str | bool):
        return values
    number = float(values)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and not isinstance(values, float) else number


def _pixels(values: dict[str, Any]) -> dict[str, Any]:
    bits = dict(values).get("bits")
    if bits is not None and (isinstance(bits, bool) or bits not in DEPTHS):
        raise ValueError(f"bits of photos must be one of {', '.join(map(str, DEPTHS))}, got {bits!r}")
    return dict(values)


def _null_to_nan(values: dict[str, float | None]) -> dict[str, float]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _limits(values: dict[str, list[float | None]]) -> dict[str, Limits]:
    return {name: (_number(low), _number(high)) for name, (low, high) in values.items()}


def _point(values: dict[str, Any]) -> dict[str, Any]:
    """An operating point as it was written: its numbers may be NaN, its words stay."""
    return {**values, **{name: _number(values[name]) for name in POINT_NUMBERS}}

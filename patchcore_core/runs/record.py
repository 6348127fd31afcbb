"""What is known of one run, and its form as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from patchcore_core.checked import (
    Reader,
    anything,
    between,
    count,
    moment,
    number,
    one_of,
    optional,
    path_text,
    record,
    sequence,
    sides,
    table,
    text,
    truth,
)
from patchcore_core.config import DEPTHS, MAX_SIDE, PatchCoreConfig

ALIVE = ("queued", "running")
Limits = tuple[float, float]
SOURCES = ("held-out", "test good", "oracle", "manual")  # evaluation.operating_point.Source, which would load numpy
POINT_LEVELS, BADGE_LEVELS = ("image", "pixel"), ("ok", "note", "warning")  # its Level; evaluation.protocol.Severity
LONGEST = 1e10  # seconds
UNKNOWN_SETTINGS = ("of a newer version and unknown here: the setting {}; it is kept, but the run cannot be fitted "
                    "again with it")


@dataclass(frozen=True)
class Run:
    """One fit of one category with one configuration.

    `shape` is (height, width) of the network's input and of the maps, None while nobody knows it, and in runs that
    were made when it was the square of the configuration.

    `status` is queued, running, finished, failed, cancelled or lost (its process is gone). `seconds` are per
    stage; a metric or threshold that is undefined is NaN and `reasons` says why. `per_defect` holds for each
    defect type its count and metrics, `crop_loss` how many of its defects the centre crop cut away: total,
    wholly_lost, partly_lost. `plan` is the model.budget.Plan that was followed, `program_bytes` beside it, as whole
    numbers.

    `found` is evaluation.found.Found as a dict: what the default threshold finds, in counts.

    How far the figures can be trusted: `intervals` hold for each metric its 95 % interval (low, high),
    `region_recall` what is found of the regions of each size class, both also per defect type;
    `operating_points` are evaluation.operating_point.OperatingPoint as dicts, one for every way to choose a threshold,
    of images and of pixels; `badges` evaluation.protocol.Badge as dicts. `heldout` says how the good scores behind
    the held-out thresholds came about: method, images, maps (of how many of these the pixels are counted), of (how
    many training images there are); `trim` is evaluation.trim.Trim as plain values, by which the predicted segmentation
    is trimmed: empty where it is not; `near_training` says of test images which training image they nearly are, paths
    relative to the dataset. `pixels` says how photos and masks are read: bits (the scale of photos of more than 8 bits,
    None where all training photos have 8), reserved and drawn (the MaskRule). All of these are empty in runs that were
    made before they existed.

    `excluded` are photos that were left out on request, paths relative to the dataset. `warnings` are sentences for
    people; those that are about the folders and files of the dataset, and not about what was computed from them, also
    stand in `data_warnings`: they change with the folder, where the figures do not.

    `unreadable` lists (path, cause) of images that were skipped. `updated_at` changes
    with every change of the record. `identity` is the same for two runs exactly when configuration, data and
    weights are. `unknown_settings` are fields of the configuration that a newer version wrote, as plain values.
    `broken`: the record itself cannot be read; then only id, folder, status and error mean anything.
    """

    id: str
    status: str
    category: str
    dataset: str
    config: PatchCoreConfig
    folder: Path
    shape: tuple[int, int] | None = None
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
    found: dict[str, Any] = field(default_factory=dict)
    operating_points: tuple[dict[str, Any], ...] = ()
    badges: tuple[dict[str, Any], ...] = ()
    heldout: dict[str, Any] = field(default_factory=dict)
    trim: dict[str, Any] = field(default_factory=dict)
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
    unknown_settings: dict[str, Any] = field(default_factory=dict)
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
    def trained_bits(self) -> int | None:
        """The same, None where all training photos have 8 bits."""
        return None if "bits" in self.pixels and self.pixels["bits"] is None else self.bits

    @property
    def input_shape(self) -> tuple[int, int]:
        """(height, width) of what the network sees, pixels: the H and W of maps and masks."""
        return self.shape or (self.config.input_size, self.config.input_size)


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
        "found": json_numbers(run.found),
        "thresholds": json_numbers(run.thresholds),
        "operating_points": json_numbers(run.operating_points),
        "heldout": json_numbers(run.heldout),
        "trim": json_numbers(run.trim),
        "badges": json_numbers(run.badges),
        "seconds": json_numbers(run.seconds),
        "bank": run.bank,
        "plan": run.plan,
        "peak_rss_bytes": run.peak_rss_bytes,
        "config": {**run.config.to_dict(), **run.unknown_settings},
        "shape": None if run.shape is None else list(run.shape),
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
    """The run recorded in `folder`; ValueError where the record is no run's, which names the field and what it holds.

    Fields that older runs lack are empty. Settings of a newer version are kept as they are, and a warning says so.
    """
    found = _RECORD({**_SINCE, **values}, "")
    dataset, config = found.pop("dataset"), found.pop("config")
    unknown = {name: config.pop(name) for name in tuple(config) if name not in _SETTINGS}
    said = (UNKNOWN_SETTINGS.format(", ".join(unknown)),) if unknown else ()
    return Run(**{
        **found, "id": folder.name, "folder": folder, "dataset": dataset["path"],
        "fingerprint": dataset["fingerprint"], "counts": dataset["counts"],
        "config": PatchCoreConfig.from_dict(config), "unknown_settings": unknown,
        "warnings": tuple(dict.fromkeys((*found["warnings"], *said))),
    })  # fmt: skip


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


def _depth(value: Any, at: str) -> int:
    if count(value, at) not in DEPTHS:
        raise ValueError(f"{at} must be one of {', '.join(map(str, DEPTHS))}, got {value}")
    return value


def _found(value: Any, at: str) -> dict[str, Any]:
    counts = ("found", "defective", "false_alarms", "good")
    if value == {}:  # of a run that recorded none
        return {}
    read = record({"method": text, "threshold": number, **dict.fromkeys(counts, count)})(value, at)
    for part, whole in zip(counts[::2], counts[1::2], strict=True):
        if read[part] > read[whole]:
            raise ValueError(f"{at}.{part} must be at most {at}.{whole}, {read[whole]}, got {read[part]}")
    return read


def _trim(value: Any, at: str) -> dict[str, Any]:
    return {} if value == {} else record({"good": number, "halo": sequence(_HALO)})(value, at)


_SETTINGS = frozenset(field.name for field in fields(PatchCoreConfig))
_NUMBERS, _SHARES = table(number), table(between(0, 1))
_LIMITS: Reader[tuple[float, ...]] = sequence(between(0, 1), 2)
_POINT = record({"method": text, "value": number, "source": one_of(*SOURCES), "level": one_of(*POINT_LEVELS),
                 "sentence": text, "false_alarms": number, "false_alarms_bound": number,
                 "reason": optional(text)})  # fmt: skip
_BADGE = record({"key": text, "level": one_of(*BADGE_LEVELS), "label": text, "sentence": text, "counts": table(count)})
_COUNTS = record({}, {"defect_types": table(count)}, rest=count)
_LOSS = record({"total": count, "wholly_lost": count, "partly_lost": count})
_PROCESS = record({"pid": count, "started": between(0, 1e12), "host": text}, {"computes": truth}, rest=anything)
_HALO = record({"share": between(0, 1), "reach": count})
_HELD_OUT: dict[str, Reader[Any]] = {
    "method": text, "images": count, "maps": count, "of": count, "groups": count,
    "copies": sequence(sequence(path_text)),
    "odd": sequence(record({"path": path_text, "score": number}, rest=anything)),
    "thresholds": table(record({"without_odd": number, "with_odd": number}, rest=anything)),
}  # fmt: skip
_FIELDS: dict[str, Reader[Any]] = {
    "status": one_of(*ALIVE, "finished", "failed", "cancelled", "lost"), "category": text,
    "dataset": record({"path": path_text, "fingerprint": text, "counts": _COUNTS}),
    "config": record({}, rest=anything), "shape": optional(sides(MAX_SIDE)), "weights_sha256": text, "identity": text,
    "seconds": table(between(0, LONGEST)), "metrics": _SHARES, "reasons": table(text), "per_defect": table(_NUMBERS),
    "thresholds": _NUMBERS, "intervals": table(_LIMITS), "per_defect_intervals": table(table(_LIMITS)),
    "region_recall": sequence(_NUMBERS), "per_defect_region_recall": table(sequence(_NUMBERS)),
    "found": _found, "operating_points": sequence(_POINT), "badges": sequence(_BADGE),
    "heldout": record({}, _HELD_OUT, rest=anything), "trim": _trim,
    "bank": table(count), "plan": table(count), "peak_rss_bytes": count, "crop_loss": table(_LOSS),
    "near_training": table(path_text), "pixels": record({}, {"bits": optional(_depth)}, rest=anything),
    "unreadable": sequence(sequence(text, 2)),
    "excluded": sequence(path_text), "warnings": sequence(text), "data_warnings": sequence(text),
    "error": optional(text), "versions": table(text), "created_at": moment, "updated_at": moment,
    "process": optional(_PROCESS),
}  # fmt: skip
_RECORD = record(_FIELDS)
_SINCE: dict[str, Any] = {  # what runs lack that were made before it was recorded
    "intervals": {}, "per_defect_intervals": {}, "region_recall": [], "per_defect_region_recall": {},
    "operating_points": [], "badges": [], "heldout": {}, "trim": {}, "plan": {}, "near_training": {},
    "pixels": {}, "excluded": [], "data_warnings": [], "found": {}, "shape": None,
}  # fmt: skip

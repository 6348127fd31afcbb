"""The record of a run, and its JSON form."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

from patchcore_core.checked import anything, between, moment, one_of, optional, path_text, record, sides
from patchcore_core.codec import EMPTY, NEEDED, At, Needed, Unstored, plain, read_fields, reader_of
from patchcore_core.config import DEPTHS, MAX_SIDE, PatchCoreConfig
from patchcore_core.data.values import CropLoss, PhotoCounts, PixelReading
from patchcore_core.evaluation.values import Badge, Found, HeldOut, OperatingPoint, SizeRecall, TrimSettings
from patchcore_core.runs.process import ProcessRecord

ALIVE = ("queued", "running")
LONGEST = 1e10  # seconds
UNKNOWN_SETTINGS = ("of a newer version and unknown here: the setting {}; it is kept, but the run cannot be fitted "
                    "again with it")


def _found(value: Any, at: str) -> Found:
    read = reader_of(Found)(value, at)
    for part, whole in (("found", "defective"), ("false_alarms", "good")):
        if getattr(read, part) > getattr(read, whole):
            raise ValueError(f"{at}.{part} must be at most {at}.{whole}, {getattr(read, whole)}, "
                             f"got {getattr(read, part)}")  # fmt: skip
    return read


Status = Annotated[str, one_of(*ALIVE, "finished", "failed", "cancelled", "lost")]
Share = Annotated[float, between(0, 1)]  # NaN for null, as in every number
Limits = tuple[Share, Share]
Seconds = Annotated[float, between(0, LONGEST)]
PathText = Annotated[str, path_text]
Moment = Annotated[str, moment]
Config = Annotated[PatchCoreConfig, record({}, rest=anything)]  # read as plain values, of which some may be unknown


@dataclass(frozen=True)
class Run:
    """One fit of one category with one configuration.

    `shape` is (height, width) of the network's input and of the maps; None before it is known, and in older runs, where
    it is the square of the configuration.

    `status` is queued, running, finished, failed, cancelled or lost (its process is gone). `seconds` are per
    stage; a metric or threshold that is undefined is NaN and `reasons` says why. `per_defect` holds for each
    defect type its count and metrics, `crop_loss` how many of its defects the centre crop cut off. `plan` is the
    model.budget.Plan that was followed, `program_bytes` beside it, as whole numbers.

    `found`: the counts at the default threshold.

    How far the figures can be trusted: `intervals` hold for each metric its 95 % interval (low, high),
    `region_recall` what is found of the regions of each size class, both also per defect type;
    `operating_points` are one for every way to choose a threshold, of images and of pixels. `heldout` says how the good
    scores behind the held-out thresholds were computed; `trim` how the predicted segmentation is trimmed, None where it
    is not; `near_training` maps test images to the training image that they nearly equal, paths relative to the
    dataset. `pixels` says how photos and masks are read. All of these are empty in runs that were made before they
    existed.

    `shortened` are the stages, by their names in `seconds`, of whose work earlier fits had done a part: a fit alone
    would have taken longer. `alone` are the seconds, estimated, that it would have taken for stages of which others had
    done a part or of which this one did more than its own; "network" is the start-up.

    `excluded` are photos that were left out on request, paths relative to the dataset. `parent` is the run whose memory
    bank this one goes on from, "" for a fit of its own, and `taught` the photos that were added to it, those of earlier
    runs first. `taught_scores`: of the photos that the parent lacks, the image score by its bank and by this one, NaN
    where it could not be computed; {} in older runs.

    `warnings` are sentences for people; those that are about the folders and files of the dataset, and not about what
    was computed from them, also stand in `data_warnings`: they change with the folder, where the figures do not.

    `sweep` names the sweep that asked for this fit first, "" for one that was asked for alone. `dropped` are files that
    were removed to save space, with the bytes that they took.

    `unreadable` lists (path, cause) of images that were skipped. `updated_at` changes
    with every change of the record. `identity` is the same for two runs exactly when configuration, data and
    weights are. `unknown_settings` are fields of the configuration that a newer version wrote, as plain values.
    `broken`: the record itself cannot be read; then only id, folder, status and error mean anything.
    """

    id: str
    status: Status
    category: str
    dataset: Annotated[PathText, At("dataset.path")]
    config: Config
    folder: Unstored[Path]
    error: Needed[str | None] = None
    created_at: Needed[Moment] = ""
    updated_at: Needed[Moment] = ""
    metrics: Needed[dict[str, Share]] = field(default_factory=dict)
    intervals: dict[str, Limits] = field(default_factory=dict)
    reasons: Needed[dict[str, str]] = field(default_factory=dict)
    found: Annotated[Found | None, _found, EMPTY] = None
    thresholds: Needed[dict[str, float]] = field(default_factory=dict)
    operating_points: tuple[OperatingPoint, ...] = ()
    heldout: Annotated[HeldOut | None, EMPTY] = None
    trim: Annotated[TrimSettings | None, EMPTY] = None
    badges: tuple[Badge, ...] = ()
    seconds: Needed[dict[str, Seconds]] = field(default_factory=dict)
    shortened: tuple[str, ...] = ()
    alone: dict[str, Seconds] = field(default_factory=dict)
    sweep: str = ""
    dropped: dict[str, int] = field(default_factory=dict)
    bank: Needed[dict[str, int]] = field(default_factory=dict)
    plan: dict[str, int] = field(default_factory=dict)
    peak_rss_bytes: Needed[int] = 0
    shape: Annotated[tuple[int, int] | None, optional(sides(MAX_SIDE))] = None
    fingerprint: Annotated[str, At("dataset.fingerprint"), NEEDED] = ""
    counts: Annotated[PhotoCounts, At("dataset.counts"), NEEDED] = field(default_factory=PhotoCounts)
    weights_sha256: Needed[str] = ""
    identity: Needed[str] = ""
    per_defect: Needed[dict[str, dict[str, float]]] = field(default_factory=dict)
    per_defect_intervals: dict[str, dict[str, Limits]] = field(default_factory=dict)
    region_recall: tuple[SizeRecall, ...] = ()
    per_defect_region_recall: dict[str, tuple[SizeRecall, ...]] = field(default_factory=dict)
    crop_loss: Needed[dict[str, CropLoss]] = field(default_factory=dict)
    near_training: dict[str, PathText] = field(default_factory=dict)
    pixels: Annotated[PixelReading | None, EMPTY] = None
    unreadable: Needed[tuple[tuple[str, str], ...]] = ()
    excluded: tuple[PathText, ...] = ()
    parent: str = ""
    taught: tuple[PathText, ...] = ()
    taught_scores: dict[str, tuple[float, float]] = field(default_factory=dict)
    warnings: Needed[tuple[str, ...]] = ()
    data_warnings: tuple[str, ...] = ()
    versions: Needed[dict[str, str]] = field(default_factory=dict)
    process: Needed[ProcessRecord | None] = None  # who computes it
    unknown_settings: Unstored[dict[str, Any]] = field(default_factory=dict)
    broken: Unstored[bool] = False

    @property
    def alive(self) -> bool:
        """Whether it waits or computes."""
        return self.status in ALIVE

    @property
    def waits(self) -> bool:
        """Whether it waits for a process that computes it."""
        return self.status == "queued" and self.process is not None and not self.process.computes

    @property
    def fit_seconds(self) -> float:
        """Time until the memory bank was there, loading the network included: all but scoring the test images."""
        tested = [self.seconds.get(stage, 0.0) for stage in ("predict", "evaluate")]
        return self.seconds.get("total", math.nan) - math.fsum(tested)

    @property
    def bits(self) -> int:
        """The scale on which photos of more than 8 bits are read; that of 16 bits where none was found."""
        return self.trained_bits or DEPTHS[-1]

    @property
    def trained_bits(self) -> int | None:
        """The same, None where all training photos have 8 bits."""
        return DEPTHS[-1] if self.pixels is None else self.pixels.bits

    @property
    def input_shape(self) -> tuple[int, int]:
        """(height, width) of what the network sees, pixels: the H and W of maps and masks."""
        return self.shape or (self.config.input_size, self.config.input_size)


def to_json(run: Run) -> dict[str, Any]:
    """Plain JSON values; NaN and infinity become null. Of a broken run only the known fields."""
    if run.broken:
        return {"id": run.id, "status": run.status, "error": run.error, "category": run.category}
    return plain(run) | {"config": {**run.config.to_dict(), **run.unknown_settings}}


def from_json(values: dict[str, Any], folder: Path) -> Run:
    """The run recorded in `folder`; ValueError, with the field and its value, for an invalid record.

    Fields that older runs lack are empty. Settings of a newer version are kept as they are, and a warning says so.
    """
    found = read_fields(Run, {**values, "id": folder.name})
    config = found.pop("config")
    unknown = {name: config.pop(name) for name in tuple(config) if name not in _SETTINGS}
    said = (UNKNOWN_SETTINGS.format(", ".join(unknown)),) if unknown else ()
    return Run(**{
        **found, "folder": folder, "config": PatchCoreConfig.from_dict(config), "unknown_settings": unknown,
        "warnings": tuple(dict.fromkeys((*found["warnings"], *said))),
    })  # fmt: skip


_SETTINGS = frozenset(one.name for one in fields(PatchCoreConfig))

"""Evaluation results as a run stores them: plain values, readable without numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

from patchcore_core.checked import between, path_text
from patchcore_core.codec import Unstored

Level = Literal["image", "pixel"]
Source = Literal["held-out", "test good", "oracle", "manual"]
Kind = Literal["quantile", "mean_sd", "fpr", "max", "f1_max", "youden", "cost_weighted", "cheapest", "manual"]
Severity = Literal["ok", "note", "warning"]

RECALL, FALSE_ALARMS = "image_recall", "image_false_alarm_rate"
NO_RULE = "there is no threshold"
NO_WIDTH = "all resamples of the test images give the same value, so they tell no interval"
Count = tuple[int, int]  # numerator and denominator


@dataclass(frozen=True)
class Rule:
    """How a threshold is set. number: the percentile, the number of standard deviations, or the largest FPR in %."""

    kind: Kind
    source: Source
    level: Level = "image"
    number: float = math.nan

    @property
    def name(self) -> str:
        """The key of the threshold in files, addresses and `--json`: `heldout_p99`, `pixel_f1_max`."""
        level = "pixel_" if self.level == "pixel" else ""
        source = {"held-out": "heldout_", "test good": "good_"}.get(self.source, "")
        number = f"{self.number:.6g}"
        kind = {"quantile": f"p{number.replace('.', '')}", "mean_sd": f"mean_{number.replace('.', '_')}sd",
                "fpr": f"fpr_{number.replace('.', '_')}"}.get(self.kind, self.kind)  # fmt: skip
        return f"{level}{source}{kind}"


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, how it was set and on which data.

    `value` is NaN if it cannot be set, and `reason` says why. `sentence` explains it. false_alarms: expected fraction
    of new good images at or above it; false_alarms_bound: its upper confidence bound (95 %); NaN where they would need
    an assumption about the distribution. `method` is the name of its `rule`, which is set only if the point was just
    computed.
    """

    method: str
    value: float
    source: Source
    level: Level
    sentence: str
    false_alarms: float = math.nan
    false_alarms_bound: float = math.nan
    reason: str | None = None
    rule: Unstored[Rule | None] = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Badge:
    """The result of one data check: its key, level, a short label, a sentence, and the numbers behind it."""

    key: str
    level: Severity
    label: str
    sentence: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SizeRecall:
    """How well a pixel threshold finds the defect regions of one size class; NaN without a threshold or in older runs.

    area_from and area_to, in pixels; regions, their number; overlap, the mean fraction of a region that is predicted;
    found, the fraction of regions with a predicted pixel; the last two with 95 % intervals.
    """

    area_from: float
    area_to: float
    regions: float
    overlap: float = math.nan
    overlap_low: float = math.nan
    overlap_high: float = math.nan
    found: float = math.nan
    found_low: float = math.nan
    found_high: float = math.nan


@dataclass(frozen=True)
class Found:
    """Counts at the threshold `method` over images with a label; `method` is "" if there is none."""

    method: str
    threshold: float
    found: int
    defective: int
    false_alarms: int
    good: int

    def counts(self) -> dict[str, Count]:
        """Numerator and denominator of recall and false-alarm rate."""
        return {RECALL: (self.found, self.defective), FALSE_ALARMS: (self.false_alarms, self.good)}

    def figures(self) -> dict[str, float]:
        """Recall and false-alarm rate, NaN without a threshold or without images."""
        return {name: part / whole if whole and self.method else math.nan
                for name, (part, whole) in self.counts().items()}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Wilson's 95 % interval of each figure, NaN where it is undefined."""
        from patchcore_core.evaluation.statistics.proportions import wilson_interval  # brings scipy

        return {name: wilson_interval(*count) if self.method else (math.nan, math.nan)
                for name, count in self.counts().items()}

    def reasons(self) -> dict[str, str]:
        """Why figures are undefined."""
        lacking = {RECALL: "there is no defective image", FALSE_ALARMS: "there is no good image"}
        return {name: NO_RULE if whole else lacking[name]
                for name, (_, whole) in self.counts().items() if not whole or not self.method}


@dataclass(frozen=True)
class OddPhoto:
    """An outlier among the training photos: its path relative to the dataset, and its held-out score."""

    path: Annotated[str, path_text]
    score: float


@dataclass(frozen=True)
class TrainingImage:
    """A training image and its held-out score, NaN if the bank has too few rows of other images.

    Paths are relative to the dataset. `sha256`: content key of the file, "" if unknown. `copies`: its near-duplicates,
    which were left out with it and have no score of their own. `odd`: left out of the thresholds as an outlier.
    """

    path: Annotated[str, path_text]
    sha256: str
    score: float
    odd: bool = False
    copies: tuple[Annotated[str, path_text], ...] = ()


@dataclass(frozen=True)
class TrainingImages:
    """The training images that have a held-out score, in the order of the dataset; the file of a run."""

    images: tuple[TrainingImage, ...] = ()


@dataclass(frozen=True)
class Moved:
    """A threshold without the outliers (the one in use) and with them; NaN without a threshold."""

    without_odd: float = math.nan
    with_odd: float = math.nan

    def words(self) -> str:
        """`25.6 instead of 58.3`."""
        return f"{self.without_odd:.4g} instead of {self.with_odd:.4g}"


@dataclass(frozen=True)
class HeldOut:
    """How the scores behind the held-out thresholds were computed.

    images: how many were scored, of `of` training images; maps: of how many of these the pixels are counted. groups:
    number of photos, near-duplicates counted once; copies: groups of near-duplicates, as paths relative to the dataset;
    odd: outliers, which are left out; None in runs that did not check. thresholds: by level, without and with these.
    """

    method: str = ""
    images: int = 0
    maps: int = 0
    of: int = 0
    groups: int | None = None
    copies: tuple[tuple[Annotated[str, path_text], ...], ...] = ()
    odd: tuple[OddPhoto, ...] | None = None
    thresholds: dict[str, Moved] = field(default_factory=dict)


@dataclass(frozen=True)
class Halo:
    """A step of trimming: a pixel must reach this share of the way to each peak within `reach` pixels of the map."""

    share: Annotated[float, between(0, 1)]
    reach: int


@dataclass(frozen=True)
class TrimSettings:
    """How a run trims its predicted segmentation, see evaluation.trim: `good` is the level of good pixels."""

    good: float
    halo: tuple[Halo, ...]

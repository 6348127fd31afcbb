"""A stored run with what is said of it in plain words: its counts at the thresholds in use, and its data checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.evaluation.badges.of_run import badges_at, crop_recall_at
from patchcore_core.evaluation.statistics.compare import common_images
from patchcore_core.evaluation.thresholds.operating_point import manual
from patchcore_core.evaluation.thresholds.rules import source_of
from patchcore_core.evaluation.values import Badge, Source
from patchcore_core.exports.pictures import colour_limits
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.image_table import within
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.present.limits import limits
from patchcore_core.views.present.rates import Measured, measured


@dataclass(frozen=True, eq=False)
class Presented:
    """A finished run, its table of test images (`RunStore.images`), and the thresholds in use.

    threshold, pixel_threshold: NaN where there is none. rule: the name of the image threshold's rule, "" where a person
    chose it, as `chosen` says, or where there is none. doubted: images whose label is wrong, as reviewers say.
    """

    store: RunStore
    run: Run
    images: pd.DataFrame
    threshold: float
    pixel_threshold: float
    rule: str
    chosen: ChosenThresholds
    doubted: int = 0

    @classmethod
    def of(cls, store: RunStore, run: Run) -> Presented:
        """Read a finished run of the store."""
        chosen = ChosenThresholdsOf(store.root).current(run.id)
        image, pixel = in_use(run, chosen), in_use(run, chosen, "pixel")
        images = store.images(run).reset_index(drop=True)
        rule = "" if image.chosen else image.rule or ""
        return cls(store, run, images, image.value, pixel.value, rule, chosen, _doubted(store, run, images))

    @property
    def source(self) -> Source | None:
        """What the image threshold was set on; None without one."""
        if math.isnan(self.threshold):
            return None
        return source_of(self.rule) if self.rule else "manual"

    @cached_property
    def measure(self) -> Measured:
        """The counts at the thresholds in use."""
        return measured(self.images["label"], self.images["defect_type"], self.images["image_score"], self.threshold,
                        self.chosen.review_from)

    @cached_property
    def badges(self) -> tuple[Badge, ...]:
        """The data checks at the threshold in use."""
        run, images = self.run, self.images
        recall = crop_recall_at(run.crop_loss, images["label"].to_numpy(), images["image_score"].to_numpy(),
                                images["mask_kept"].to_numpy(), self.threshold)
        cropped = run.config.center_crop is not None
        return badges_at(run.badges, manual(self.threshold), cropped, run.crop_loss, recall, run.unreadable, run.counts)

    @cached_property
    def limits(self) -> tuple[str, ...]:
        """What the figures do not tell."""
        drawn = sum(bool(paths) for paths, label in zip(self.images["mask_paths"], self.images["label"], strict=True)
                    if label == 1)
        stored = tuple(badge for badge in self.badges if self.run.badges or badge.key in ("crop", "unreadable"))
        return limits(self.measure, self.source, stored, drawn, checks=bool(self.run.badges),
                      doubted=self.doubted)

    @cached_property
    def colours(self) -> tuple[float, float] | None:
        """The ends of the colour scale of the run's maps."""
        return colour_limits(self.store, self.run)

    @cached_property
    def names(self) -> list[str]:
        """Of each image its path inside the dataset, as it can be shown and put into an address."""
        return [shown(within(self.run.dataset, path)) for path in self.images["path"]]

    def row_of(self, name: str) -> int | None:
        """The row of the image with this name."""
        return self._rows.get(name)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in reversed(list(enumerate(self.names)))}


def _doubted(store: RunStore, run: Run, images: pd.DataFrame) -> int:
    """How many images have the verdict that their label is wrong."""
    photos = [Photo(Path(path), int(label), str(kind), run.category, str(content)) for path, label, kind, content in
              zip(images["path"], images["label"], images["defect_type"], images["sha256"], strict=True)]  # fmt: skip
    return sum(entry.verdict == LABEL_WRONG for entry in Verdicts(store.root).latest(photos).values())


def shared(runs: list[Presented]) -> list[list[int]]:
    """The rows of the images that all runs share, per run, in the order of the first: same name and label, and the same
    content where it is known. DataError for runs of several categories."""
    if len({one.run.category for one in runs}) > 1:
        raise DataError("runs of several categories cannot be presented together")
    keys = [[f"{name}\0{label}\0{content}" for name, label, content in
             zip(one.names, one.images["label"], one.images["sha256"], strict=True)] for one in runs]
    return common_images(keys).tolist()

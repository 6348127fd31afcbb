"""The thresholds that a run is used with: what reviewers chose, else the run's own default."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from patchcore_core.data.images import shown
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.found import found_at
from patchcore_core.evaluation.thresholds.rules import rule_words
from patchcore_core.evaluation.values import Level
from patchcore_core.reviews.chosen_thresholds import CHOSEN, ChosenThresholds
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.text import score_text


@dataclass(frozen=True)
class InUse:
    """A run's threshold of images or pixels, in scores; NaN where it has none and nobody has chosen one.

    rule: `CHOSEN`, the name of the run's own, None without any. own, own_rule: the run's own default, whichever is
    used. by: `chosen by Kim on 2026-05-03`, "" where the run's own is used; author: who.
    """

    level: Level
    value: float
    rule: str | None
    own: float
    own_rule: str | None
    by: str = ""
    author: str = ""

    @property
    def chosen(self) -> bool:
        """Whether reviewers chose it."""
        return self.rule == CHOSEN

    @property
    def set_by(self) -> str:
        """`the held-out rule`, `the choice of Kim`, "" without a threshold."""
        if self.chosen:
            return f"the choice of {shown(self.author)}"
        return f"the {rule_words(self.rule)}" if self.rule else ""

    @property
    def short(self) -> str:
        """`20.470, held-out rule` or `21.400, chosen by Kim`, "" without a threshold."""
        if self.rule is None:
            return ""
        origin = f"chosen by {shown(self.author)}" if self.chosen else rule_words(self.rule)
        return f"{score_text(self.value)}, {origin}"

    @property
    def sentence(self) -> str:
        """`threshold 21.400, chosen by Kim on 2026-05-03; held-out rule: 24.000`."""
        name = "threshold" if self.level == "image" else "pixel threshold"
        if self.rule is None:
            return f"no {name}: the run has none"
        own = f"{rule_words(self.own_rule)}: {score_text(self.own)}" if self.own_rule else "the run has none of its own"
        if self.chosen:
            return f"{name} {score_text(self.value)}, {shown(self.by)}; {own}"
        return f"{name} {score_text(self.value)}, set by {self.set_by}"


def in_use(run: Run, chosen: ChosenThresholds, level: Level = "image") -> InUse:
    """The threshold that the command line and all pages use the run with, unless they are given another one."""
    own_rule = default_rule(run.thresholds, level)
    own = math.nan if own_rule is None else run.thresholds[own_rule]
    value: float | None = getattr(chosen, level)
    if value is None:
        return InUse(level, own, own_rule, own, own_rule)
    return InUse(level, value, CHOSEN, own, own_rule, chosen.by, chosen.author or "")


def with_chosen(store: RunStore, run: Run, chosen: ChosenThresholds) -> Run:
    """A finished run with what the threshold in use finds, counted from its stored scores where it was chosen.

    StoreError if these cannot be read.
    """
    used = in_use(run, chosen)
    if not used.chosen or run.status != "finished":
        return run
    images = store.images(run)
    found = found_at(images["label"], images["image_score"], CHOSEN, used.value)
    names = found.figures()
    reasons = {name: why for name, why in run.reasons.items() if name.removesuffix("/interval") not in names}
    return dataclasses.replace(
        run, found=found, metrics={**run.metrics, **found.figures()}, intervals={**run.intervals, **found.intervals()},
        reasons={**reasons, **found.reasons()},
    )  # fmt: skip

"""The groups of Overview: the runs of a category that one sweep asked for, or that were fitted alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pages.ui.format import with_interval
from pages.ui.markdown import plain
from pages.ui.overview.listed import Listed
from patchcore_core.data.images import shown
from patchcore_core.views.run_names import settings


@dataclass(frozen=True)
class Group:
    """Runs of one category and, where groups are by sweep, one sweep; "" for those fitted alone, which the title says
    where there are sweeps beside them."""

    category: str
    sweep: str
    runs: tuple[Listed, ...]
    beside_sweeps: bool = False

    @property
    def title(self) -> str:
        """One line as Markdown: category, sweep, number of runs, and the highest Image AUROC."""
        count = f"{len(self.runs)} {'run' if len(self.runs) == 1 else 'runs'}"
        sweep = f"sweep {plain(self.sweep)}" if self.sweep else "fitted alone" if self.beside_sweeps else ""
        return " · ".join(filter(None, [f"**{plain(self.category)}**", sweep, count, self._figures()]))

    def _figures(self) -> str:
        best = next((one for one in self.runs if one.best), None)
        if best is not None:
            return f"best: {_said(best)} (significantly)"
        known = [one for one in self.runs if not math.isnan(one.run.metrics.get("image_auroc", math.nan))]
        if not known:
            return ""
        first = max(known, key=lambda one: one.run.metrics["image_auroc"])
        return f"highest Image AUROC {_figure(first)}"


def grouped(runs: Sequence[Listed], by: str) -> list[Group]:
    """The groups in the order of their first runs, those of a category one below the other. by: `sweep`, `category`, or
    `none`: all in one group."""
    found: dict[tuple[str, str], list[Listed]] = {}
    for one in runs:
        key = ("", "") if by == "none" else (one.run.category, one.run.sweep if by == "sweep" else "")
        found.setdefault(key, []).append(one)
    first = {category: place for place, category in reversed([*enumerate(category for category, _ in found)])}
    ordered = sorted(found.items(), key=lambda item: first[item[0][0]])
    sweeps = {category for category, sweep in found if sweep}
    return [Group(shown(category), shown(sweep), tuple(group), category in sweeps)
            for (category, sweep), group in ordered]


def _said(one: Listed) -> str:
    name = shown(one.labels.name) or settings(one.run.config)
    return f"{plain(name)}, Image AUROC {_figure(one)}"


def _figure(one: Listed) -> str:
    return plain(with_interval(one.run.metrics["image_auroc"], one.run.intervals.get("image_auroc")))

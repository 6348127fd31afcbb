"""A run's figures as text for a terminal, and published ones as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.codec import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.evaluation.published.reference import beside_published
from patchcore_core.evaluation.values import Found, SizeRecall
from patchcore_core.runs.record import Limits
from patchcore_core.views.text import interval_text


def figure(value: float | None, limits: Sequence[float | None] | None = None) -> str:
    """`0.9630`, or with a 95 % interval `0.963 [0.94, 0.98]`; an em dash where undefined."""
    if value is None or math.isnan(value):
        return "—"
    between = interval_text(limits)
    return f"{value:.3f} {between}" if between else f"{value:.4f}"


def figure_lines(
    metrics: Mapping[str, float | None], intervals: Mapping[str, Limits], reasons: Mapping[str, str]
) -> list[str]:
    """One line per figure, with its interval or why it has none, and one for each reason why figures are undefined."""
    lacking: dict[str, list[str]] = {}
    lines = list[str]()
    for name, value in metrics.items():
        if value is None or math.isnan(value):
            lacking.setdefault(reasons.get(name, "unknown why"), []).append(name)
        else:
            why = f" (no interval: {reasons[f'{name}/interval']})" if f"{name}/interval" in reasons else ""
            lines.append(f"{name}: {figure(value, intervals.get(name))}{why}")
    return lines + [f"not defined, since {reason}: {', '.join(names)}" for reason, names in lacking.items()]


def found_line(found: Found) -> str:
    """What the default threshold finds."""
    from patchcore_core.evaluation.thresholds.found import found_words  # brings numpy

    at = f" {found.method} ({figure(found.threshold)})" if found.method else ""
    words = found_words(found) if found.defective or found.good else "no labelled test images"
    return f"default threshold{at}: {words}"


def excluded_lines(paths: Sequence[str]) -> list[str]:
    """A line per excluded photo."""
    from patchcore_core.data.images import shown  # loads numpy, which a queued job must not

    return [f"  without {shown(path)}" for path in paths]


def trust_lines(figures: Mapping[str, Any]) -> list[str]:
    """Operating points, recall by region size and badges; `figures` holds a Run's fields of these names."""
    points = [f"threshold {point.method}: {figure(point.value)} ({point.source}) {point.sentence}"
              for point in figures["operating_points"]]
    sizes = [_size_line("all", row) for row in figures["region_recall"]]
    sizes += [_size_line(kind, row) for kind, rows in figures["per_defect_region_recall"].items() for row in rows]
    badges = [f"{badge.level}: {badge.label}. {badge.sentence}" for badge in figures["badges"]]
    return [*points, *sizes, *badges]


def published_beside(
    category: str, metrics: Mapping[str, float], config: PatchCoreConfig, counts: PhotoCounts
) -> list[dict[str, Any]]:
    """Published figures of an MVTec AD category beside ours, with every setting that differs; [] for other names."""
    return [plain(row) for row in beside_published(category, metrics, config, counts)]


def published_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line per published figure."""
    return [f"published {row['metric']}: {figure(row['value'])}, ours {_signed(row['difference'])} "
            f"({row['source']}, {row['protocol']}; {_differs(row)})" for row in rows]


def _size_line(kind: str, row: SizeRecall) -> str:
    found = figure(row.found, (row.found_low, row.found_high))
    covered = figure(row.overlap, (row.overlap_low, row.overlap_high))
    return (f"regions of {row.area_from:.0f} to {row.area_to:.0f} pixels ({kind}): {row.regions:.0f}, found {found}, "
            f"covered {covered}")


def _signed(difference: float | None) -> str:
    return "—" if difference is None else f"{difference:+.4f}"


def _differs(row: Mapping[str, Any]) -> str:
    names = [setting["name"] for setting in row["differs"]]
    unknown = f"; not stated: {', '.join(row['not_stated'])}" if row["not_stated"] else ""
    return ("other " + ", ".join(names) if names else "the same settings") + unknown

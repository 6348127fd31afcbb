"""What is said of a run's figures, and published ones as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.codec import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.evaluation.published.reference import beside_published
from patchcore_core.evaluation.values import Found
from patchcore_core.views.text import interval_text


def figure(value: float | None, limits: Sequence[float | None] | None = None) -> str:
    """`0.9630`, or with a 95 % interval `0.963 [0.94, 0.98]`; an em dash where undefined."""
    if value is None or math.isnan(value):
        return "—"
    between = interval_text(limits)
    return f"{value:.3f} {between}" if between else f"{value:.4f}"


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


def trust_lines(figures: Mapping[str, Any], every: bool = False) -> list[str]:
    """What is doubtful, and how many data checks found nothing; every: all of them, and all operating points.
    `figures` holds a Run's fields of these names."""
    badges = figures["badges"]
    shown = [badge for badge in badges if every or badge.level == "warning"]
    said = [f"{badge.level}: {badge.label}. {badge.sentence}" for badge in shown]
    points = [f"threshold {point.method}: {figure(point.value)} ({point.source}) {point.sentence}"
              for point in figures["operating_points"]] if every else []  # fmt: skip
    left = len(badges) - len(shown)
    return [*points, *said, *([f"data checks without a warning: {left}"] if left else [])]


def published_beside(
    category: str, metrics: Mapping[str, float], config: PatchCoreConfig, counts: PhotoCounts
) -> list[dict[str, Any]]:
    """Published figures of an MVTec AD category beside ours, with every setting that differs; [] for other names."""
    return [plain(row) for row in beside_published(category, metrics, config, counts)]

"""Published figures as rows beside runs, with what differs in protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from patchcore_core.evaluation.published.reference import Reference, beside_published
from patchcore_core.views.comparison.best_table import Row


def references(row: Row, figure: str) -> list[Reference]:
    """The published values of the figure for the category of a run, beside its own, highest first; () for a category
    that is none of MVTec AD."""
    one = row.entry
    found = beside_published(one.category, one.metrics, one.config, one.counts)
    return sorted((each for each in found if each.metric == figure), key=lambda each: -each.value)


def published_table(category: str, found: Sequence[Reference]) -> list[dict[str, Any]]:
    """A row for each: source, figure, our difference, and how the protocols differ."""
    return [{"category": category, "source": each.source, "protocol": each.protocol, "published": each.value,
             "ours": each.ours, "difference": each.difference, "protocol differs": differs(each)} for each in found]


def differs(found: Reference) -> str:
    """`image size 256 (ours 320); not stated: sampler`."""
    parts = [f"{one.name} {one.theirs} (ours {one.ours})" for one in found.differs]
    parts += [f"not stated: {', '.join(found.not_stated)}"] if found.not_stated else []
    return "; ".join([*parts, *([found.note] if found.note else [])]) or "nothing that is known"

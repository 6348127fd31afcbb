"""Labels of runs as the commands that list runs print them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from patchcore_core.data.images import shown
from patchcore_core.errors import StoreError
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.runs.store import RunStore


def all_labels(store: RunStore) -> Mapping[str, RunLabels]:
    """The labels of each run that has some; none, with a warning, where they cannot be read: runs are listed without.
    """
    try:
        return RunLabelsOf(store.root).all()
    except StoreError as error:
        print(f"warning: {shown(str(error))}", file=sys.stderr)
        return {}


def label_record(labels: RunLabels) -> dict[str, Any]:
    """The labels as JSON values."""
    return {"name": labels.name, "tags": list(labels.tagged), "note": labels.note, "star": bool(labels.star),
            "archived": bool(labels.archived)}  # fmt: skip


def label_facts(labels: RunLabels) -> list[tuple[str, str]]:
    """The labels by name, "" for those that the run has not."""
    return [("name", shown(labels.name)), ("star", "★" if labels.star else ""), ("tags", shown(labels.tags)),
            ("note", shown(labels.note)), ("archived", "yes" if labels.archived else "")]  # fmt: skip

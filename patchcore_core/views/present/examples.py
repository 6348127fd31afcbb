"""Which test images show best what a run can and cannot do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from patchcore_core.views.present.sentences import type_name
from patchcore_core.views.ranking import with_outcomes
from patchcore_core.views.text import score_text

USUAL = 6  # examples that are shown unless others are chosen
OUTCOMES = {"TP": "found", "FN": "missed", "FP": "stopped by mistake", "TN": "let through, rightly"}


def best_and_worst(images: pd.DataFrame, threshold: float, count: int = USUAL) -> list[int]:
    """Row numbers of `RunStore.images`: by turns the clearest defect found (of another type each time, as far as there
    are), the defect missed with the lowest score, the good part stopped with the highest, and one that passes.

    Without a threshold the highest and the lowest scores by turns. Images without a score are never chosen.
    """
    table = with_outcomes(images, threshold).reset_index(drop=True)
    table = table[np.isfinite(table["image_score"])]
    kinds = {name: table[table["outcome"] == name] for name in ("TP", "FN", "FP", "TN")}
    queues = [_by_turns_of_type(kinds["TP"].sort_values("image_score", ascending=False, kind="stable")),
              kinds["FN"].sort_values("image_score", kind="stable").index.tolist(),
              kinds["FP"].sort_values("image_score", ascending=False, kind="stable").index.tolist(),
              kinds["TN"].sort_values("image_score", kind="stable").index.tolist()[:1]]  # fmt: skip
    if np.isnan(threshold) or not any(queues):
        order = table.sort_values("image_score", ascending=False, kind="stable").index.tolist()
        half = -(-len(order) // 2)
        queues = [order[:half], order[half:][::-1]]
    return _by_turns(queues)[:count]


def said_of(images: pd.DataFrame, row: int, threshold: float) -> tuple[str, str]:
    """The heading and the sentence under one example: `“scratch”: found`, `Score 31.200; parts from 21.400 up are
    stopped.`"""
    one = with_outcomes(images.iloc[[row]], threshold).iloc[0]
    kind = type_name(str(one["defect_type"]))
    called = {1: f"“{kind}”", 0: "Good part"}.get(int(one["label"]), "Part without a label")
    if np.isnan(threshold):
        return called, f"Score {score_text(one['image_score'])}; there is no limit to compare it with."
    said = f"Score {score_text(one['image_score'])}; parts from {score_text(threshold)} up are stopped."
    outcome = str(one["outcome"])
    if outcome == "?":
        return f"{called}: {'stopped' if one['image_score'] >= threshold else 'let through'}", said
    return f"{called}: {OUTCOMES[outcome]}", said


def _by_turns(queues: Sequence[Sequence[int]]) -> list[int]:
    longest = max(map(len, queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def _by_turns_of_type(found: pd.DataFrame) -> list[int]:
    """The rows of each defect type by turns, the type with the highest score first."""
    return _by_turns([rows.index.tolist() for _, rows in found.groupby("defect_type", sort=False)])

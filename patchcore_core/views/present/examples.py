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
    one = images.iloc[[row]]
    (heading,), score = headings(one, threshold), float(one["image_score"].iloc[0])
    if np.isnan(threshold):
        return heading, f"Score {score_text(score)}; there is no limit to compare it with."
    return heading, f"Score {score_text(score)}; parts from {score_text(threshold)} up are stopped."


def headings(images: pd.DataFrame, threshold: float) -> list[str]:
    """What each image is and what becomes of it: `“scratch”: found`; without a threshold only what it is."""
    table = with_outcomes(images, threshold)
    kinds = {kind: type_name(str(kind)) for kind in table["defect_type"].unique()}
    said = []
    for label, kind, score, outcome in zip(table["label"], table["defect_type"], table["image_score"],
                                           table["outcome"], strict=True):  # fmt: skip
        called = {1: f"“{kinds[kind]}”", 0: "Good part"}.get(int(label), "Part without a label")
        becomes = OUTCOMES.get(outcome) or ("stopped" if score >= threshold else "let through")
        said.append(called if np.isnan(threshold) else f"{called}: {becomes}")
    return said


def _by_turns(queues: Sequence[Sequence[int]]) -> list[int]:
    longest = max(map(len, queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def _by_turns_of_type(found: pd.DataFrame) -> list[int]:
    """The rows of each defect type by turns, the type with the highest score first."""
    return _by_turns([rows.index.tolist() for _, rows in found.groupby("defect_type", sort=False)])

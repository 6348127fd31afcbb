"""Outcomes, causes, verdicts and orders in words, as the workspace shows them and as they stand in the address."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages.ui.review import table as review_table
from patchcore_core.evaluation.causes.causes import CAUSES
from patchcore_core.evaluation.causes.causes import OF as CAUSES_OF
from patchcore_core.evaluation.explain import explain_cause
from patchcore_core.reviews.words import AGREE, LABEL_WRONG, MASK_WRONG, UNCLEAR, VERDICTS
from patchcore_core.runs.store import Run
from patchcore_core.views.listing import ORDERS
from patchcore_core.views.ranking import OUTCOMES

KEYS = {AGREE: "1", LABEL_WRONG: "2", MASK_WRONG: "3", UNCLEAR: "4"}  # verdict -> key
MEANINGS = {
    AGREE: "Label and mask are correct.",
    LABEL_WRONG: "Labelled good but defective, or the reverse.",
    MASK_WRONG: "The label is correct, but the mask misses the defect.",
    UNCLEAR: "Cannot be decided from this photo.",
}


def words(run: Run, images: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """`Words` of views/web/workspace/data.js; table: `review.table.table` of the images."""
    missing = review_table.evidence_of(run, images).not_computed
    known = [order for order, (column, _) in ORDERS.items() if table[column].notna().any()] or list(ORDERS)[:1]
    return {
        "outcomes": OUTCOMES, "missing": missing,
        "verdicts": {verdict: said for verdict, said in VERDICTS.items() if verdict},
        "causes": [[key, said, list(CAUSES_OF[key]), explain_cause(key)] for key, said in CAUSES.items()],
        "orders": [[order, *ORDERS[order]] for order in known],
    }  # fmt: skip


def verdicts() -> list[dict[str, str]]:
    """`parts.verdicts` of data.js."""
    return [{"value": verdict, "label": VERDICTS[verdict], "key": key, "help": MEANINGS[verdict]}
            for verdict, key in KEYS.items()]

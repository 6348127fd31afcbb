"""Compare: published figures of a category beside the best run, with what differs in protocol."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui.compare.take_away import take_away
from pages.ui.format import METRIC_NAMES
from patchcore_core.views.comparison.best_table import Row, groups_of
from patchcore_core.views.comparison.published_rows import published_table, references


def draw(rows: Sequence[Row], figure: str) -> None:
    """A row for each published value of the figure, for each category of MVTec AD; nothing for other data."""
    table = [line for group in groups_of(rows) if group[0].leads
             for line in published_table(group[0].entry.category, references(group[0], figure))]
    if not table:
        return
    st.subheader(f"Published {METRIC_NAMES[figure]}", anchor=False)
    st.caption("Beside the best run of the category. A difference says little where the protocol differs.")
    number = st.column_config.NumberColumn
    st.dataframe(pd.DataFrame(table), hide_index=True, placeholder="—", height="content" if len(table) <= 13 else 420,
                 column_config={"category": "Category", "source": "Source", "protocol": "Protocol",
                                "published": number("Published", format="%.3f"), "ours": number("Ours", format="%.3f"),
                                "difference": number("Difference", format="%+.3f"),
                                "protocol differs": st.column_config.TextColumn("Protocol differs", width="large")},
                 alt="Published figures with what differs in protocol")
    take_away(lambda: table, "published", "compare_published")

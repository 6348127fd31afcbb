"""A table of Compare as a file: CSV with all digits, Markdown to paste."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from patchcore_core.exports.table import csv_bytes, markdown_table

Rows = Sequence[Mapping[str, Any]]


def take_away(rows: Callable[[], Rows], name: str, key: str) -> None:
    """Two buttons; the files are made when one is pressed."""
    with st.container(horizontal=True, gap="small"):
        st.download_button("CSV", lambda: csv_bytes(rows()), f"{name}.csv", "text/csv", key=f"{key}_csv",
                           on_click="ignore", icon=":material/download:", help="All columns, all digits")
        st.download_button("Markdown", lambda: markdown_table(rows()), f"{name}.md", "text/markdown",
                           key=f"{key}_markdown", on_click="ignore", icon=":material/download:",
                           help="All columns as a table to paste")

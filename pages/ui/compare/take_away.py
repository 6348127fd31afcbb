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
        _button("CSV", lambda: csv_bytes(rows()), f"{name}.csv", f"{key}_csv", "All columns, all digits")
        _button("Markdown", lambda: markdown_table(rows()), f"{name}.md", f"{key}_markdown",
                "All columns as a table to paste")


def _button(label: str, make: Callable[[], bytes | str], name: str, key: str, told: str) -> None:
    st.download_button(label, make, name, f"text/{label.lower()}", key=key, type="tertiary", on_click="ignore",
                       icon=":material/download:", help=told)

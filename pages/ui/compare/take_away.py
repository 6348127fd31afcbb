"""A table of Compare as a file: CSV with all digits, Markdown to paste."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from patchcore_core.exports.table import csv_bytes, markdown_table

Rows = Sequence[Mapping[str, Any]]


def take_away(rows: Callable[[], Rows], name: str, key: str) -> None:
    """Two buttons, each called as its file, as a page has several tables; the files are made when one is pressed."""
    with st.container(horizontal=True, gap="small"):
        _button(f"{name}.csv", lambda: csv_bytes(rows()), "text/csv", f"{key}_csv", "All columns, all digits")
        _button(f"{name}.md", lambda: markdown_table(rows()), "text/markdown", f"{key}_markdown",
                "All columns as a Markdown table to paste")


def _button(file_name: str, make: Callable[[], bytes | str], mime: str, key: str, told: str) -> None:
    st.download_button(file_name, make, file_name, mime, key=key, type="tertiary", on_click="ignore",
                       icon=":material/download:", help=told)

"""Rows as a CSV file that no spreadsheet takes for formulas, and as a table in Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.runs.files import for_spreadsheet

MARKS = "\\`*_{}[]<>#|~"  # with a meaning in Markdown


def csv_bytes(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> bytes:
    """The rows as CSV (UTF-8), by default with all their columns in the order in which they occur.

    None and NaN are empty cells. Texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    lines = [_line(names), *(_line([row.get(name) for name in names]) for row in rows)]  # some are names of categories
    return "".join(lines).encode(errors="backslashreplace")  # file names may hold any bytes


def markdown_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """The rows as a table in GitHub's Markdown, by default with all their columns; "" without rows.

    Numbers have four significant digits. None and NaN are dashes.
    """
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    if not rows:
        return ""
    numeric = {name: all(not isinstance(row.get(name), str) for row in rows) for name in names}
    lines = [[_marked(name) for name in names], ["---:" if numeric[name] else "---" for name in names]]
    lines += [[_marked(row.get(name)) for name in names] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _marked(value: Any) -> str:
    if value is None or value != value:  # NaN
        return "—"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
    one_line = " ".join(str(value).encode("utf-8", "backslashreplace").decode().splitlines())
    return "".join(f"\\{sign}" if sign in MARKS else sign for sign in one_line)


def _line(values: Sequence[Any]) -> str:
    """The cells, in quotation marks where they hold an end of a line: some readers take each of its characters for one,
    and `csv` quotes only those of its own."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(map(_cell, values))
    return out.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return for_spreadsheet(value)
    return None if value != value else value  # NaN

"""Rows as a CSV file that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.runs.files import for_spreadsheet


def csv_bytes(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> bytes:
    """The rows as CSV (UTF-8), by default with all their columns in the order in which they occur.

    None and NaN are empty cells. Texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns or dict.fromkeys(name for row in rows for name in row)),
                            lineterminator="\n")  # fmt: skip
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode(errors="backslashreplace")  # file names may hold any bytes


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return for_spreadsheet(value)
    return None if value != value else value  # NaN

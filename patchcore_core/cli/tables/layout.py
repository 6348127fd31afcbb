"""Rows as aligned lines, or as a paragraph each where a line would not fit into the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
LEAST_CUT = 16  # columns that are left of a text that is cut off
BOLD, PLAIN = "\033[1m", "\033[0m"


@dataclass(frozen=True)
class Column:
    """A column and its title; `right`: numbers; `cut`: a text that may be cut off at the end of the line."""

    title: str
    right: bool = False
    cut: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """A line of titles and one for each row, without the columns in which all cells are empty.

    width: of the terminal; None where the lines may be of any length. Where they do not fit into it, each row is a
    paragraph: its first cell, and a line for each other one that is not empty.
    """
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    columns, rows = [columns[place] for place in used], [[row[place] for place in used] for row in rows]
    if not rows:
        return []
    wide = [max(display_width(text) for text in (column.title, *cells))
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True)]  # fmt: skip
    over = 0 if width is None else sum(wide) + len(GAP) * (len(wide) - 1) - width
    if over > 0 and columns[-1].cut and wide[-1] - over >= LEAST_CUT:
        wide[-1], over = wide[-1] - over, 0
    if over > 0:
        return [line for row in rows for line in _paragraph(columns, row)]
    titles = [column.title for column in columns]
    return [heading(_line(columns, titles, wide), width), *(_line(columns, row, wide) for row in rows)]


def facts(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each name and value, the values aligned; without empty values."""
    known = [(name, value) for name, value in pairs if value]
    wide = max((display_width(name) for name, _ in known), default=0)
    return [f"{_filled(name, wide)}{GAP}{value}" for name, value in known]


def apart(*tables: Sequence[str]) -> list[str]:
    """The lines of these tables, an empty one before each that has some."""
    return [line for lines in tables if lines for line in ("", *lines)]


def heading(text: str, width: int | None) -> str:
    """The text, in bold on a terminal, of which `width` is known; with NO_COLOR as it is."""
    return text if width is None or "NO_COLOR" in os.environ else f"{BOLD}{text}{PLAIN}"


def terminal_width() -> int | None:
    """The columns of the terminal that standard output goes to; None where it goes elsewhere."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return shutil.get_terminal_size().columns


def display_width(text: str) -> int:
    """How many columns a terminal takes for a text."""
    return sum(0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF") for each in text)


def _paragraph(columns: Sequence[Column], row: Sequence[str]) -> list[str]:
    first, *rest = row
    return [first or "—", *(GAP + line for line in facts([(column.title, cell) for column, cell in
                                                          zip(columns[1:], rest, strict=True)]))]  # fmt: skip


def _line(columns: Sequence[Column], row: Sequence[str], wide: Sequence[int]) -> str:
    cells = [_filled(_clipped(cell, most), most, column.right)
             for column, cell, most in zip(columns, row, wide, strict=True)]  # fmt: skip
    return GAP.join(cells).rstrip()


def _filled(text: str, wide: int, right: bool = False) -> str:
    blank = " " * (wide - display_width(text))
    return blank + text if right else text + blank


def _clipped(text: str, most: int) -> str:
    if display_width(text) <= most:
        return text
    kept = text
    while kept and display_width(kept) > most - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"

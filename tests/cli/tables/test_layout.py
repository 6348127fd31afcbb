"""Aligned lines, and paragraphs where lines do not fit."""

from __future__ import annotations

import pytest

from patchcore_core.cli.tables.layout import BOLD, PLAIN, Column, facts, table

COLUMNS = [*map(Column, ("Category", "Empty", "AUPRO")), Column("Seconds", right=True), Column("Note", cut=True)]
ROWS = [["bottle", "", "0.95 [0.9, 1.0]", "7.5", ""], ["螺丝", "", "—", "123.0", "an existing run of this category"]]


def test_cells_stand_below_their_titles_and_empty_columns_are_left_out() -> None:
    assert table(COLUMNS, ROWS) == [
        "Category  AUPRO            Seconds  Note",
        "bottle    0.95 [0.9, 1.0]      7.5",
        "螺丝      —                  123.0  an existing run of this category",
    ]


def test_a_long_note_is_cut_off_on_a_terminal_and_the_titles_are_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    lines = table(COLUMNS, ROWS, 56)
    assert lines[0] == f"{BOLD}Category  AUPRO            Seconds  Note{PLAIN}"
    assert lines[2] == "螺丝      —                  123.0  an existing run of…"
    assert [len(line) <= 56 for line in lines[1:]] == [True, True]
    monkeypatch.setenv("NO_COLOR", "1")
    assert table(COLUMNS, ROWS, 56)[0] == "Category  AUPRO            Seconds  Note"


def test_where_a_line_would_not_fit_each_row_is_a_paragraph() -> None:
    assert table(COLUMNS, ROWS, 40) == [
        "bottle", "  AUPRO    0.95 [0.9, 1.0]", "  Seconds  7.5",
        "螺丝", "  AUPRO    —", "  Seconds  123.0", "  Note     an existing run of this category",
    ]  # fmt: skip


def test_nothing_is_no_table() -> None:
    assert table(COLUMNS, []) == []


def test_facts_are_aligned_and_the_empty_ones_left_out() -> None:
    assert facts([("run", "a"), ("error", ""), ("category", "tile")]) == ["run       a", "category  tile"]

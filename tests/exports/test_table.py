"""Tables to take away."""

import csv
import io

import pandas as pd

from patchcore_core.exports.table import csv_bytes, markdown_table

ROWS = [{"run": "a | *b*", "value": 0.98765, "low": float("nan")}, {"run": "=1+1", "value": None, "low": 12345.6}]


def test_markdown_escapes_and_aligns():
    assert markdown_table(ROWS) == (
        "| run | value | low |\n| --- | ---: | ---: |\n| a \\| \\*b\\* | 0.9877 | — |\n| =1+1 | — | 12346 |\n"
    )
    assert markdown_table([]) == ""
    assert markdown_table([{"a": "x\ny"}]).endswith("| x y |\n")


def test_csv_has_all_digits_and_no_formula():
    assert csv_bytes(ROWS).decode() == "run,value,low\na | *b*,0.98765,\n'=1+1,,12345.6\n"


def test_a_title_is_no_formula_either():
    assert csv_bytes([{"=1+1": 0.5}]).decode() == "'=1+1\n0.5\n"


def test_a_text_of_several_lines_is_one_cell_for_every_reader():
    rows = [{"run": "a\r=1+1", "note": "b\r\nc"}, {"run": "d\ne", "note": "f"}]
    made = csv_bytes(rows)
    assert made == b'run,note\n"a\r=1+1","b\r\nc"\n"d\ne",f\n'
    assert list(csv.DictReader(io.StringIO(made.decode(), newline=""))) == rows
    assert pd.read_csv(io.BytesIO(made)).to_dict("records") == rows

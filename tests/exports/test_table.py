"""Tables to take away."""

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

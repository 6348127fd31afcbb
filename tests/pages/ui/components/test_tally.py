"""What may come back from a browser that shows the tally."""

from __future__ import annotations

import pytest

from pages.ui.components.tally import choice


@pytest.mark.parametrize(("value", "expected"), [
    (["outcome", "FN"], ("outcome", "FN")), (["outcome", "?"], None), (["defect", "scratch"], ("defect", "scratch")),
    (["defect", "hole"], None), (["size", [4, 90]], ("size", (4.0, 90.0))), (["size", [4, 91]], None),
    (["size", "4"], None), (["size", [4]], None), (["other", "FN"], None), (None, None), ("outcome", None), ([], None),
    (["outcome", ["FN"]], None), (["defect", None], None),
])
def test_only_cells_and_bars_that_exist_are_believed(value, expected):
    assert choice(value, {"scratch"}, [(4.0, 90.0)]) == expected

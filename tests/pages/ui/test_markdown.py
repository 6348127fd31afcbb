"""Names from outside in Markdown."""

import pytest

from pages.ui.markdown import plain


@pytest.mark.parametrize("text", ["a_b_c", "<script>", ":red[x]", "[x](http://x)", "**x**", "$x$", "`x`"])
def test_names_are_shown_as_they_stand(text: str) -> None:
    marked = plain(text)
    assert marked.replace("\\", "") == text
    assert all(marked[place - 1] == "\\" for place, character in enumerate(marked) if character in "_<[*$`:")


def test_a_name_of_several_lines_stays_on_one() -> None:
    assert plain("a\n- b\r\nc") == "a - b c"

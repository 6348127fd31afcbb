"""The reader of JavaScript finds each function with its lines, whatever stands in strings, templates and comments."""

from __future__ import annotations

import pytest

from tests.house.javascript import functions, without_text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("function one(a) {\n  return a;\n}", [("one", 1, 3)]),
        ("export default async function (a) {\n}", [("", 1, 2)]),
        ("const two = (a, { b }) => {\n  return b;\n};", [("two", 1, 3)]),
        ("const two = a => {\n};", [("two", 1, 2)]),
        ("const short = (a) => a * 2;", []),
        ("class A {\n  #m(a = {}) {\n  }\n  get n() {\n    return 1;\n  }\n}", [("#m", 2, 3), ("n", 4, 6)]),
        ("const o = {\n  run() {\n  },\n  go: () => {\n  },\n};", [("run", 2, 3), ("go", 4, 5)]),
        ("if (a) {\n} else if (b) {\n}\nfor (;;) {\n}\nwhile (a) {\n}\nswitch (a) {\n}\ntry {\n} catch (e) {\n}", []),
        ("f(() => {\n  g(function inner() {\n  });\n});", [("", 1, 4), ("inner", 2, 3)]),
        ("function f(\n  a,\n  b,\n) {\n}", [("f", 1, 5)]),
    ],
)
def test_functions_by_hand(source: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(function.name, function.first, function.last) for function in functions(source)] == expected


@pytest.mark.parametrize(
    "text",
    ['"{"', "'\\'{'", "`{`", "// {\n", "/* {\n { */", "/[/{]\\//.test(a)", "`a ${`b ${1 + `{`}`} {`"],
)
def test_brackets_in_texts_are_none(text: str) -> None:
    source = f"function f(a) {{\n  const x = {text};\n}}"
    (function,) = functions(source)
    assert (function.name, function.first, function.lines) == ("f", 1, source.count("\n") + 1)


def test_code_in_a_template_is_code() -> None:
    assert [function.name for function in functions("const a = `x ${list.map((b) => {\n})} y`;")] == [""]


def test_a_slash_that_divides_begins_no_regular_expression() -> None:
    source = "function f(a) {\n  return (a / 2) / g[0] / 2; // }\n}"
    assert without_text(source) == "function f(a) {\n  return (a / 2) / g[0] / 2;     \n}"


@pytest.mark.parametrize("source", ["function f() {", "}", "f(]", "{)"])
def test_what_does_not_match_is_said(source: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        functions(source)

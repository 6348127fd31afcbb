"""Hostile changes of a JSON record, for hypothesis: any place of it, any value there."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

DEEP: Any = {}
for _ in range(300):
    DEEP = {"a": [DEEP]}
HOSTILE = [
    None, True, False, 0, 1, -1, -5, 2, 1.5, -0.5, 1e300, 10**40, -(10**40), 2**53 + 1, float("inf"), float("nan"), "",
    "x", "NaN", "\ud800", "\udc80", "a\0b", "../../etc/passwd", "/etc/passwd", "9999-12-31T23:59:59+00:00", "x" * 5000,
    "[a](b) :red[c]\n# d", [], [None], ["a", "b", "c"], [1, 2], [[1]], {}, {"a": 1}, {"a": {"b": None}}, {"": ""}, DEEP,
]  # fmt: skip

DEEPEST = 20  # of the places that are changed: DEEP within DEEP is more than Python's own copying can follow


def places(values: Any, at: tuple = ()) -> list[tuple]:
    """The way to every value within, as keys and indices, at most `DEEPEST` of them."""
    if len(at) == DEEPEST:
        return []
    inner = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    return [found for key, value in inner for found in ((*at, key), *places(value, (*at, key)))]


@st.composite
def mutations(draw: st.DrawFn, record: dict[str, Any]) -> dict[str, Any]:
    """The record with one to three values replaced by a hostile one, taken away, or put beside under another name."""
    changed = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(changed)))
        parent = changed
        for key in way:
            parent = parent[key]
        how = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"]))
        if how == "replace":
            parent[last] = copy.deepcopy(draw(st.sampled_from(HOSTILE)))
        elif how == "remove":
            del parent[last]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(["", "unknown", "\ud800"]))] = copy.deepcopy(draw(st.sampled_from(HOSTILE)))
    return changed

"""Plain values from a file: of their kind, or a sentence that names the place."""

import math

import pytest

from patchcore_core.checked import (
    anything,
    between,
    count,
    moment,
    number,
    one_of,
    optional,
    path_text,
    record,
    sequence,
    table,
    text,
    truth,
)

DEEP: object = 1
for _ in range(30):
    DEEP = [DEEP]


@pytest.mark.parametrize(("read", "value", "expected"), [
    (text, "a\udc80b", "a\udc80b"), (number, 3, 3.0), (number, -0.5, -0.5), (count, 2**53, 2**53),
    (truth, False, False), (between(0, 1), 1, 1.0), (moment, "", ""),
    (moment, "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05+00:00"),
    (one_of("a", "b"), "b", "b"), (optional(count), None, None), (sequence(count), [1, 2], (1, 2)),
    (table(text), {"a": "b"}, {"a": "b"}), (record({"a": count}), {"a": 1, "z": []}, {"a": 1}),
    (record({}, {"a": count}, rest=text), {"a": 1, "z": "y"}, {"a": 1, "z": "y"}),
    (anything, {"a": [1, None, "x", {"b": True}]}, {"a": [1, None, "x", {"b": True}]}),
])  # fmt: skip
def test_what_is_of_its_kind_is_read(read, value, expected):
    assert read(value, "at") == expected


def test_null_is_an_undefined_number():
    assert math.isnan(number(None, "at"))
    assert math.isnan(between(0, 1)(None, "at"))


@pytest.mark.parametrize(("read", "value", "words"), [
    (text, 5, "at must be text, got 5"), (text, "\ud800", "at must be text that a file can hold"),
    (path_text, "a\0b", "at must be a path"), (truth, 1, "at must be true or false, got 1"),
    (number, "7", 'got "7"'), (number, True, "got true"), (number, math.inf, "a number from"), (number, 10**400, "..."),
    (number, [1], "got [1]"), (between(0, 1), 1.5, "at must be a number from 0 to 1, got 1.5"),
    (count, -5, "at must be a whole number from 0"), (count, 1.0, "got 1.0"), (count, 2**53 + 1, "2^53"),
    (count, None, "got null"), (moment, "yesterday", "an ISO time"), (moment, 5, "an ISO time, got 5"),
    (moment, "2026-01-02T03:04:05", "with its zone"), (moment, "9999-12-31T23:00:00+00:00", "with its zone"),
    (one_of("a", "b"), "c", 'at must be one of a, b, got "c"'), (one_of("a"), [], "got []"),
    (sequence(count), {"0": 1}, "at must be a list"), (sequence(count), [1, "x"], "at[1] must be a whole number"),
    (sequence(count, 2), [1], "a list of 2"), (sequence(text), "abc", "a list"),
    (table(count), [], "at must be an object"), (table(count), {"a": {"b": 1}}, "at.a must be a whole number"),
    (record({"a": count}), {}, "at.a is missing"), (record({"a": count}), {"a": "x"}, "at.a must be"),
    (record({}, rest=count), {"b": "x"}, "at.b must be"), (anything, DEEP, "too many values within values"),
    (anything, {"a": math.inf}, "at.a must be a number"),
])  # fmt: skip
def test_what_is_not_is_named_with_its_place(read, value, words):
    with pytest.raises(ValueError, match=r"^at") as refusal:
        read(value, "at")
    assert words in str(refusal.value)
    assert len(str(refusal.value)) < 200

"""Reading plain values from a JSON file that anybody may have edited: each is checked, or a ValueError names it.

A reader takes a value and its path in the file, such as `metrics.aupro`, and returns the checked value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T")
Reader = Callable[[Any, str], T]

LARGEST_COUNT = 2**53  # the largest integer that every JSON reader represents exactly
LARGEST_NUMBER = 1e39  # above every float32 score
DEEPEST = 20  # deepest nesting of values that are kept uninterpreted


def text(value: Any, at: str) -> str:
    """Text without lone surrogates, except those that stand for undecodable bytes of a file name."""
    if not isinstance(value, str):
        raise _refusal(at, "text", value)
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise _refusal(at, "text that a file can hold", value) from None
    return value


def path_text(value: Any, at: str) -> str:
    """The name of a file or folder."""
    if "\0" in text(value, at):
        raise _refusal(at, "a path", value)
    return value


def truth(value: Any, at: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise _refusal(at, "true or false", value)
    return value


def number(value: Any, at: str) -> float:
    """A number; NaN for null, which stands for what is undefined."""
    return between(-LARGEST_NUMBER, LARGEST_NUMBER)(value, at)


def between(low: float, high: float) -> Reader[float]:
    """A number from low to high; NaN for null."""

    def read(value: Any, at: str) -> float:
        if value is None:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float) or value < low or value > high:
            raise _refusal(at, f"a number from {low:g} to {high:g}", value)
        return float(value)

    return read


def known(read: Reader[float]) -> Reader[float]:
    """As `between`, but not null or NaN."""

    def read_known(value: Any, at: str) -> float:
        found = read(value, at)
        if math.isnan(found):
            raise _refusal(at, "a number that is known", value)
        return found

    return read_known


def count(value: Any, at: str) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_COUNT:
        raise _refusal(at, "a whole number from 0 to 2^53", value)
    return value


def moment(value: Any, at: str) -> str:
    """An ISO time with time zone, or ""."""
    if value == "":
        return value
    try:
        year, zone = (time := datetime.fromisoformat(text(value, at))).year, time.tzinfo
    except ValueError:
        raise _refusal(at, "an ISO time", value) from None
    if zone is None or not 1970 <= year <= 9000:
        raise _refusal(at, "an ISO time with its zone", value)
    return value


def one_of(*choices: str) -> Reader[str]:
    """One of these strings."""

    def read(value: Any, at: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _refusal(at, f"one of {', '.join(choices)}", value)
        return value

    return read


def optional(read: Reader[T]) -> Reader[T | None]:
    """None for null."""
    return lambda value, at: None if value is None else read(value, at)


def sequence(read: Reader[T], length: int | None = None) -> Reader[tuple[T, ...]]:
    """A list of such values, of any length or of this one."""

    def read_all(value: Any, at: str) -> tuple[T, ...]:
        if not isinstance(value, list | tuple) or (length is not None and len(value) != length):
            raise _refusal(at, "a list" if length is None else f"a list of {length}", value)
        return tuple(read(entry, f"{at}[{place}]") for place, entry in enumerate(value))

    return read_all


def sides(most: int) -> Reader[tuple[int, int]]:
    """Height and width, pixels, each from 1 to `most`."""

    def read_both(value: Any, at: str) -> tuple[int, int]:
        height, width = sequence(count, 2)(value, at)
        if not 1 <= min(height, width) <= max(height, width) <= most:
            raise _refusal(at, f"a height and a width of 1 to {most} pixels", value)
        return height, width

    return read_both


def table(read: Reader[T]) -> Reader[dict[str, T]]:
    """An object with any names and such values."""

    def read_all(value: Any, at: str) -> dict[str, T]:
        return {text(name, at): read(entry, f"{at}.{name}") for name, entry in as_object(value, at).items()}

    return read_all


def record(needed: Mapping[str, Reader[Any]], optional: Mapping[str, Reader[Any]] | None = None,
           rest: Reader[Any] | None = None) -> Reader[dict[str, Any]]:  # fmt: skip
    """An object with all the `needed` fields and any of the `optional` ones; others are dropped, or read as `rest`."""
    known = {**needed, **(optional or {})}

    def read(value: Any, at: str) -> dict[str, Any]:
        given, within = as_object(value, at), f"{at}." if at else ""
        for name in needed:
            if name not in given:
                raise ValueError(f"{within}{name} is missing")
        readers = {text(name, at): known.get(name, rest) for name in given}
        return {name: reader(given[name], within + name) for name, reader in readers.items() if reader is not None}

    return read


def anything(value: Any, at: str, depth: int = DEEPEST) -> Any:
    """Plain values of any kind with bounded nesting, unchanged, so that they can be written again."""
    if isinstance(value, str):
        return text(value, at)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return None if math.isnan(number(value, at)) else value
    if not depth:
        raise ValueError(f"{at} holds too many values within values")
    if isinstance(value, list | tuple):
        return [anything(entry, f"{at}[{place}]", depth - 1) for place, entry in enumerate(value)]
    return {text(name, at): anything(entry, f"{at}.{name}", depth - 1) for name, entry in as_object(value, at).items()}


def as_object(value: Any, at: str) -> Mapping[str, Any]:
    """A JSON object, as it is."""
    if not isinstance(value, Mapping):
        raise _refusal(at, "an object", value)
    return value


def _refusal(at: str, expected: str, got: Any) -> ValueError:
    try:
        told = json.dumps(got, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        told = type(got).__name__
    return ValueError(f"{at} must be {expected}, got {told if len(told) <= 60 else told[:57] + '...'}")

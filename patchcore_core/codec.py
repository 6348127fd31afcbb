"""The JSON form of a dataclass: the type of each field determines what the file must contain.

`str`, `float`, `int` and `bool` stand for `checked.text`, `number` (null is NaN), `count` and `truth`. An `Annotated`
type brings a reader of its own, and marks: `At`, `NEEDED`, `UNSTORED`, `EMPTY`. A field with a default may be missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from patchcore_core.checked import (
    Reader,
    anything,
    as_object,
    count,
    number,
    one_of,
    optional,
    sequence,
    table,
    text,
    truth,
)

T = TypeVar("T")


@dataclass(frozen=True)
class At:
    """The field is not stored under its name: the path to it, such as `dataset.path`."""

    way: str


@dataclass(frozen=True)
class Mark:
    """One of the marks below."""

    name: str


NEEDED, UNSTORED, EMPTY = Mark("needed"), Mark("unstored"), Mark("empty")
Needed = Annotated[T, NEEDED]  # must be in the file, though the field has a default
Unstored = Annotated[T, UNSTORED]  # is not in the file
PLAIN: dict[Any, Reader[Any]] = {str: text, float: number, int: count, bool: truth, Any: anything}


@dataclass(frozen=True)
class Stored:
    """A stored field: the path to it, whether it is required, whether {} stands for None, and its type."""

    name: str
    way: tuple[str, ...]
    needed: bool
    empty: bool
    kind: Any

    def read(self, value: Any, at: str) -> Any:
        """The field's value from a plain one."""
        return None if self.empty and value == {} else reader_of(self.kind)(value, at)


@cache
def reader_of(kind: Any) -> Reader[Any]:
    """The reader of values of this type from plain ones; its ValueError names the path of an invalid value."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return next((one for one in inner[1:] if not isinstance(one, At | Mark)), None) or reader_of(inner[0])
    if origin is Literal:
        return one_of(*inner)
    if origin in (Union, UnionType):
        (known,) = (one for one in inner if one is not NoneType)
        return optional(reader_of(known))
    if origin is tuple:
        return sequence(reader_of(inner[0]), None if inner[1] is Ellipsis else len(inner))
    if origin is dict:
        return table(reader_of(inner[1]))
    if is_dataclass(kind):
        return lambda value, at: kind(**read_fields(kind, value, at))  # type: ignore[operator]
    raise TypeError(f"a file cannot hold {kind}")


def read_fields(kind: Any, value: Any, at: str = "") -> dict[str, Any]:
    """The stored fields of a dataclass by name, from an object in a file; those that may be missing are left out."""
    given, found = as_object(value, at), {}
    for one in stored_fields(kind):
        inside, place = given, at
        for step in one.way[:-1]:
            inside, place = as_object(_part(inside, step, place), _within(place, step)), _within(place, step)
        if one.needed or one.way[-1] in inside:
            found[one.name] = one.read(_part(inside, one.way[-1], place), _within(place, one.way[-1]))
    return found


def plain(value: Any) -> Any:
    """A value for JSON: dataclasses as objects of their stored fields, tuples as lists; NaN and infinity, which JSON
    lacks, become null; text, bool and None are unchanged."""
    if is_dataclass(value):
        return _object_of(value)
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, str | bool):
        return value
    found = float(value)
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() and not isinstance(value, float) else found


@cache
def stored_fields(kind: Any) -> tuple[Stored, ...]:
    """The stored fields of a dataclass, in order."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for one in fields(kind):
        marks = get_args(hints[one.name])[1:] if get_origin(hints[one.name]) is Annotated else ()
        if UNSTORED not in marks:
            way = next((mark.way for mark in marks if isinstance(mark, At)), one.name)
            needed = NEEDED in marks or (one.default is MISSING and one.default_factory is MISSING)
            found.append(Stored(one.name, tuple(way.split(".")), needed, EMPTY in marks, hints[one.name]))
    return tuple(found)


def _object_of(value: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    kind: Any = type(value)
    for one in stored_fields(kind):
        inside, held = whole, getattr(value, one.name)
        for step in one.way[:-1]:
            inside = inside.setdefault(step, {})
        inside[one.way[-1]] = {} if held is None and one.empty else plain(held)
    return whole


def _part(inside: Mapping[str, Any], name: str, at: str) -> Any:
    if name not in inside:
        raise ValueError(f"{_within(at, name)} is missing")
    return inside[name]


def _within(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name

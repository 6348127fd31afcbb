"""An entry of the workspace's outbox, read field by field: it comes from a browser."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from patchcore_core.errors import DataError


class Refused(DataError):
    """What was asked for cannot be done, for a reason that the entry itself gives."""


@dataclass(frozen=True)
class Entry:
    """note, tags: None where they were not sent. more: what else the kind needs, by name."""

    kind: str
    image: str = ""
    verdict: str = ""
    note: str | None = None
    tags: tuple[str, ...] | None = None
    author: str = ""
    key: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Mapping[str, Any], author: str) -> Entry:
        """The entry, by `author` unless it names one; Refused where a field is not of its kind."""
        texts = {name: _text(raw, name) for name in ("kind", "image", "verdict", "author", "key") if raw.get(name)}
        tags, more = raw.get("tags"), raw.get("with") or {}
        if not (tags is None or (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags))):
            raise Refused("tags must be texts")
        if not isinstance(more, Mapping):
            raise Refused(f"'with' must be an object, got {type(more).__name__}")
        note = None if raw.get("note") is None else _text(raw, "note")
        return cls(**{"author": author, **texts}, note=note, tags=None if tags is None else tuple(tags), more=more)

    def number(self, name: str) -> float:
        """A number of `more`, NaN where it is missing or null; Refused for anything else."""
        value = self.more.get(name)
        if value is None:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(f"{name} must be a number, got {type(value).__name__}")
        return float(value)

    def image_number(self, count: int) -> int:
        """`number` of `more`: that of one of `count` images; Refused for anything else."""
        number = self.number("number")
        if number not in range(count):
            raise Refused(f"number must be that of an image, 0 to {count - 1}")
        return int(number)

    def numbers(self, count: int) -> list[int]:
        """`numbers` of `more`: those of some of `count` images; Refused for anything else."""
        raw = self.more.get("numbers")
        if not isinstance(raw, list) or not all(type(one) is int and 0 <= one < count for one in raw):
            raise Refused(f"numbers must be those of images, 0 to {count - 1}")
        return raw

    def text(self, name: str) -> str:
        """A text of `more`, "" where it is missing; Refused for anything else."""
        return _text(self.more, name) if name in self.more else ""


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise Refused(f"{name} must be a text, got {type(value).__name__}")
    return value

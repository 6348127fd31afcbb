"""What the widget `present` draws: screens, one thing each, as plain values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from patchcore_core.views.present.rates import Rate

Kind = Literal["title", "rate", "cost", "example", "evidence", "limits"]


@dataclass(frozen=True)
class Bar:
    """A measured share of parts and its interval; `words` say both. colour: of the bar, as CSS has it."""

    label: str
    words: str
    share: float
    low: float
    high: float
    colour: str

    @classmethod
    def of(cls, label: str, words: str, rate: Rate, colour: str) -> Bar:
        """A bar of a rate; without a tested part an empty one."""
        low, high = rate.interval if rate.known else (0.0, 0.0)
        return cls(label, words, rate.share if rate.known else 0.0, low, high, colour)


@dataclass(frozen=True)
class Dots:
    """`base` parts as dots: `count` of them in `colour`, the others in `rest`, and a ring around those from `ring_from`
    up to `ring_to`, which may be otherwise. `words` say what the dots do, `key` what both colours mean."""

    base: int
    count: int
    ring_from: int
    ring_to: int
    colour: str
    rest: str
    words: str
    key: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Figure:
    """A picture: `address` of its file, what is under it, and what it shows for those who cannot see it."""

    address: str
    words: str
    alt: str
    run: str = ""  # whose it is, where several are compared


@dataclass(frozen=True)
class Known:
    """What the cost of a run is computed from: shares and ends of intervals (share, low, high); None where unknown."""

    name: str
    found: tuple[float, float, float] | None
    stopped: tuple[float, float, float] | None

    @classmethod
    def of(cls, name: str, found: Rate, stopped: Rate) -> Known:
        """From the rates of a run."""
        ends = [(rate.share, *rate.interval) if rate.known else None for rate in (found, stopped)]
        return cls(name, *ends)


@dataclass(frozen=True)
class Screen:
    """One screen: a title, large sentences, then bars or dots, pictures or a list, and small notes. `name`: unique
    among the screens, for links; `evidence`: `Data` of views/web/evidence, for those who want to know more."""

    kind: Kind
    name: str
    title: str
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    dots: Dots | None = None
    figures: tuple[Figure, ...] = ()
    prices: tuple[Known, ...] = ()
    evidence: Mapping[str, Any] | None = None


def colour_of(place: int, several: bool, name: str) -> str:
    """The colour of the run with this number: its own among several, else the one that `name` has everywhere."""
    return RUN_COLOURS[place % len(RUN_COLOURS)] if several else COLOURS[name]


def with_addresses(screen: Screen, give: Callable[[str], str]) -> Screen:
    """The screen with other addresses of its pictures, those that `give` gives for them."""
    def given(value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: given(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [given(one) for one in value]
        return give(value) if name in ("address", "photo") and value else value

    figures = tuple(replace(figure, address=give(figure.address)) for figure in screen.figures)
    return replace(screen, figures=figures, evidence=given(screen.evidence))


def as_data(screens: Sequence[Screen]) -> list[dict[str, Any]]:
    """For JSON, which has no NaN: such numbers are None."""
    return [_plain(asdict(screen)) for screen in screens]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

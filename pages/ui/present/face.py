"""A run in plain words, one screen at a time, for a projector.

Python owns what is shown: the screen, the prices and the examples come back by callbacks once they rest, and are handed
in again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views import web
from patchcore_core.views.present.deck import Screen, as_data
from patchcore_core.views.present.money import Prices

_mount = component("present")


@dataclass(frozen=True)
class Candidate:
    """An image that can be an example: its name, what is said of it, and the address of a small picture or ""."""

    id: str
    words: str
    thumbnail: str = ""


def present(
    screens: Sequence[Screen], at: str, prices: Prices, candidates: Sequence[Candidate], chosen: Sequence[str], *,
    key: str, label: str, on_at: Callable[[str], None], on_prices: Callable[[Prices], None],
    on_chosen: Callable[[list[str]], None],
) -> None:  # fmt: skip
    """Draw the screen of the name `at`, the first for any other. `chosen`: ids of the examples in their order.

    Addresses in `screens` are of files that the browser can fetch. The callbacks get what was reached, typed in or
    chosen; the caller stores it and hands it in on the next run.
    """
    data = {
        "label": label, "screens": as_data(screens), "at": at, "costs": asdict(prices),
        "candidates": [asdict(one) for one in candidates], "chosen": list(chosen),
        "styles": {"evidence": web.css("evidence")},
    }  # fmt: skip
    names, ids = {screen.name for screen in screens}, {one.id for one in candidates}
    _mount(
        key=key, data=data, on_at_change=lambda: _tell(key, "at", lambda raw: named(raw, names), on_at),
        on_costs_change=lambda: _tell(key, "costs", typed, on_prices),
        on_chosen_change=lambda: _tell(key, "chosen", lambda raw: listed(raw, ids), on_chosen),
    )  # fmt: skip


def named(raw: object, names: set[str]) -> str | None:
    """The name of a screen, None for anything else."""
    return raw if isinstance(raw, str) and raw in names else None


def typed(raw: object) -> Prices | None:
    """The prices that were typed in, None for anything else."""
    if not isinstance(raw, Mapping) or set(raw) != {"escape", "overkill", "rate"}:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in raw.values()):
        return None
    try:
        return Prices(**{name: float(value) for name, value in raw.items()})
    except (ValueError, OverflowError):
        return None


def listed(raw: object, ids: set[str]) -> list[str] | None:
    """The examples that were chosen, those that exist, each once; None where there is none."""
    chosen = [one for one in raw if isinstance(one, str) and one in ids] if isinstance(raw, list) else []
    return list(dict.fromkeys(chosen)) or None


def _tell(key: str, name: str, read: Callable[[object], Any], act: Callable[[Any], None]) -> None:
    value = read(getattr(st.session_state[key], name))
    if value is not None:
        act(value)

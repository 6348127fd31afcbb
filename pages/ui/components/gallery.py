"""A grid of thumbnails to choose one from, by click or with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from pages.ui.components.mount import component

_mount = component("gallery", '<div class="strip" role="listbox" aria-orientation="horizontal"></div>')


@dataclass(frozen=True)
class Item:
    """One thumbnail. `picture` is a data URI, "" where there is none; all texts are shown as plain text."""

    id: str
    picture: str
    name: str
    score: str
    outcome: str
    kind: str
    colour: str  # of the outcome, as CSS


def gallery(items: Sequence[Item], selected: str, *, key: str, label: str, on_choose: Callable[[], None]) -> None:
    """Draw the items; when one is chosen, `on_choose` runs with its id in `st.session_state[key].chosen`."""
    _mount(
        key=key,
        data={"items": [asdict(item) for item in items], "selected": selected, "label": label},
        on_chosen_change=on_choose,
    )

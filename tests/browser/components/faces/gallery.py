"""The widget `gallery` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from pages.ui.components.mount import component
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good", "unknown")}
_mount = component("gallery")


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The images in order, N of each field. All texts are plain text.

    ids: also the names shown; of equal ones the first is used; scores: NaN if missing; labels: 1 defective, 0 good, -1
    unknown; kinds: the defect type, "" if unknown; addresses: of the thumbnails on the server, "" for none; verdicts:
    the verdict in words, "" without one, () for no verdicts.
    """

    ids: Sequence[str]
    scores: ArrayLike
    labels: ArrayLike
    kinds: Sequence[str]
    addresses: Sequence[str]
    verdicts: Sequence[str] = ()

    def data(self) -> dict[str, Any]:
        """For the browser: columns, repeated words as a table with indices."""
        scores, labels = np.asarray(self.scores), np.asarray(self.labels)
        verdicts = self.verdicts or [""] * len(self.ids)
        lengths = {len(self.ids), len(scores), len(labels), len(self.kinds), len(self.addresses),
                   len(verdicts)}
        if len(lengths) > 1:
            raise ValueError(f"all columns must have one length, got {sorted(lengths)}")
        return {
            "ids": list(self.ids), "addresses": list(self.addresses), "scores": packed(scores),
            "labels": labels.astype(int).tolist(), "kinds": _coded(self.kinds), "verdicts": _coded(verdicts),
        }  # fmt: skip


def gallery(
    images: Thumbnails, selected: str, *, key: str, label: str, thresholds: tuple[float, float] | None,
    on_choose: Callable[[str], None], follows: str = "", layout: Literal["grid", "strip"] = "grid",
    height: int = 420,
) -> None:  # fmt: skip
    """Draw the thumbnails and mark the one with the id `selected`; choosing another calls `on_choose(id)`.

    `thresholds` are (low, high) as in `operating_point`, None without a prediction; `follows` is the key of the
    operating point whose handles recolour the cards while they move. `height` of the grid in pixels.
    """
    data = {
        **images.data(), "selected": selected, "label": label, "channel": key, "follows": follows,
        "thresholds": thresholds, "layout": layout, "height": height, "colours": OUTCOME_COLOURS,
    }  # fmt: skip
    known = frozenset(images.ids)
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, known, on_choose))


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    name = st.session_state[key].chosen
    if isinstance(name, str) and name in known:
        on_choose(name)


def _coded(words: Sequence[str]) -> dict[str, list]:
    """Words (N,) as the distinct ones, and an index for each."""
    table = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(table), "places": [table[word] for word in words]}

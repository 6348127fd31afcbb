"""A run's images as the data of views/web/gallery: a column for each thing that is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good", "unknown")}


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The images in order, N of each field. All texts are plain text.

    ids: also the names shown; of equal ones the first is used; scores: NaN if missing; labels: 1 defective, 0 good, -1
    unknown; kinds: the defect type, "" if unknown; addresses: of the thumbnails, "" for none, () for no thumbnails;
    verdicts: the verdict in words, "" without one, () for no verdicts.
    """

    ids: Sequence[str]
    scores: ArrayLike
    labels: ArrayLike
    kinds: Sequence[str]
    addresses: Sequence[str] = ()
    verdicts: Sequence[str] = ()

    def data(self) -> dict[str, Any]:
        """For the browser: columns, repeated words as a table with indices."""
        scores, labels, none = np.asarray(self.scores), np.asarray(self.labels), [""] * len(self.ids)
        addresses, verdicts = self.addresses or none, self.verdicts or none
        lengths = {len(self.ids), len(scores), len(labels), len(self.kinds), len(addresses), len(verdicts)}
        if len(lengths) > 1:
            raise ValueError(f"all columns must have one length, got {sorted(lengths)}")
        return {
            "ids": list(self.ids), "addresses": list(addresses), "scores": packed(scores),
            "labels": labels.astype(int).tolist(), "kinds": coded(self.kinds), "verdicts": coded(verdicts),
        }  # fmt: skip


def gallery_data(
    images: Thumbnails, selected: str, thresholds: tuple[float, float] | None, channel: str, *, label: str = "Images",
    follows: str = "", layout: Literal["grid", "strip"] = "grid", height: int = 420,
) -> dict[str, Any]:  # fmt: skip
    """The thumbnails with the one of the id `selected` marked.

    `thresholds` are low and high, None without a prediction; `follows`: the channel of the operating point whose
    handles recolour the cards while they move. `height` of the grid in pixels.
    """
    return {
        **images.data(), "selected": selected, "label": label, "channel": channel, "follows": follows,
        "thresholds": thresholds, "layout": layout, "height": height, "colours": OUTCOME_COLOURS,
    }  # fmt: skip


def coded(words: Sequence[str]) -> dict[str, list]:
    """Words (N,) as the distinct ones, and an index for each."""
    table = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(table), "places": [table[word] for word in words]}

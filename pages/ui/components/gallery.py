"""Thumbnails of any number of images to choose one from, by click or with the arrow keys.

The browser holds the texts and scores of all images, but only the cards that can be seen are in the page and only
their pictures are asked for: `gallery_pictures.js` asks, inside a fragment, so that scrolling reruns nothing else.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from pages.ui.components.mount import component, in_fragment
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

AT_ONCE = 48  # pictures in one answer; the browser asks for fewer
OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good", "unknown")}
_mount = component("gallery")
_mount_pictures = component("gallery/pictures", states=("wanted",), silent=True)


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """What the gallery shows, in this order; N of each. All texts are shown as plain text.

    ids: also the names shown, equal ones stand for the first of them; scores: NaN where there is none; labels: 1
    defective, 0 good, -1 unknown; kinds: the defect type, "" where unknown; verdicts: a reviewer's word, "" where
    there is none, () for no verdicts.
    """

    ids: Sequence[str]
    scores: ArrayLike
    labels: ArrayLike
    kinds: Sequence[str]
    verdicts: Sequence[str] = ()

    def data(self) -> dict[str, Any]:
        """For the browser: columns, the repeated words as a table and places in it."""
        scores, labels = np.asarray(self.scores), np.asarray(self.labels)
        verdicts = self.verdicts or [""] * len(self.ids)
        lengths = {len(self.ids), len(scores), len(labels), len(self.kinds), len(verdicts)}
        if len(lengths) > 1:
            raise ValueError(f"all columns must have one length, got {sorted(lengths)}")
        return {"ids": list(self.ids), "scores": packed(scores), "labels": labels.astype(int).tolist(),
                "kinds": _coded(self.kinds), "verdicts": _coded(verdicts)}  # fmt: skip


def gallery(
    images: Thumbnails, selected: str, *, key: str, label: str, album: str, picture: Callable[[str], bytes],
    thresholds: tuple[float, float] | None, on_choose: Callable[[str], None], follows: str = "",
    shows: str = "", layout: Literal["grid", "strip"] = "grid", height: int = 420,
    note: Callable[[str], str] = lambda _: "",
) -> None:  # fmt: skip
    """Draw the thumbnails and mark the one with the id `selected`; when another is chosen, `on_choose(id)` is called.

    `picture(id)` gives a thumbnail as the bytes of a JPEG, PNG or WebP file, b"" where there is none; it is called for
    the images that come into view, and so is `note(id)`: what is wrong with an image, in words, "" for nothing, is
    marked on its card. `album` names what the ids belong to: the browser keeps a picture by album and id.
    `thresholds` are (low, high) as in `operating_point`, None where nothing is decided; `follows` is the key of the
    operating point whose handles recolour the cards while they move, `shows` that of the viewer which may show the
    chosen image before Python does. `height` in pixels is that of the grid.
    """
    data = {
        **images.data(), "selected": selected, "label": label, "album": album, "channel": key, "follows": follows,
        "shows": shows, "thresholds": thresholds, "layout": layout, "height": height, "colours": OUTCOME_COLOURS,
    }  # fmt: skip
    known = frozenset(images.ids)
    with st.container(gap=None):
        _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, known, on_choose))
        _pictures(key, album, known, picture, note)


def wanted(value: object, known: frozenset[str]) -> list[str]:
    """Which of the ids that the browser asks for exist: at most `AT_ONCE`."""
    asked = value if isinstance(value, list) else []
    return [name for name in asked if isinstance(name, str) and name in known][:AT_ONCE]


def bundle(album: str, channel: str, pictures: dict[str, bytes], notes: Mapping[str, str]) -> bytes:
    """Pictures and notes as one message: the length of the JSON (4 bytes, little-endian), the JSON, the files."""
    files = [[name, len(file), notes.get(name, "")] for name, file in pictures.items()]
    head = json.dumps({"album": album, "channel": channel, "files": files}).encode("utf-8")
    return struct.pack("<I", len(head)) + head + b"".join(pictures.values())


@st.fragment
def _pictures(key: str, album: str, known: frozenset[str], picture: Callable[[str], bytes],
              note: Callable[[str], str]) -> None:  # fmt: skip
    """Answer what the browser asked for last; the answer stays, so that none is lost when a run is cut short."""
    with in_fragment(f"{key}_pictures"):
        _answer(key, album, known, picture, note)


def _answer(key: str, album: str, known: frozenset[str], picture: Callable[[str], bytes],
            note: Callable[[str], str]) -> None:  # fmt: skip
    name, kept = f"{key}_pictures", f"{key}_answer"
    asked = wanted(st.session_state[name].get("wanted") if name in st.session_state else None, known)
    if st.session_state.get(kept, (None, None))[0] != (album, asked):
        pictures, notes = {one: picture(one) for one in asked}, {one: note(one) for one in asked}
        st.session_state[kept] = (album, asked), bundle(album, key, pictures, notes)
    _mount_pictures(key=name, data=st.session_state[kept][1], on_wanted_change=lambda: None)


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    name = st.session_state[key].chosen
    if isinstance(name, str) and name in known:
        on_choose(name)


def _coded(words: Sequence[str]) -> dict[str, list]:
    """Words (N,) as the distinct ones and, for each, its place among them."""
    table = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(table), "places": [table[word] for word in words]}

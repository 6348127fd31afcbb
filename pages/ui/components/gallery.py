"""Thumbnails of any number of images, to choose one by click or arrow keys.

The browser holds names and scores of all images, but creates only visible cards and requests only their pictures,
inside a fragment, so that scrolling reruns nothing else.
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

AT_ONCE = 48  # most pictures in one answer; the browser requests fewer
OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good", "unknown")}
_mount = component("gallery")
_mount_pictures = component("gallery/pictures", states=("wanted",), silent=True)


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The images in order, N of each field. All texts are plain text.

    ids: also the names shown; of equal ones the first is used; scores: NaN if missing; labels: 1 defective, 0 good, -1
    unknown; kinds: the defect type, "" if unknown; verdicts: the verdict in words, "" without one, () for no verdicts.
    """

    ids: Sequence[str]
    scores: ArrayLike
    labels: ArrayLike
    kinds: Sequence[str]
    verdicts: Sequence[str] = ()

    def data(self) -> dict[str, Any]:
        """For the browser: columns, repeated words as a table with indices."""
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
    """Draw the thumbnails and mark the one with the id `selected`; choosing another calls `on_choose(id)`.

    `picture(id)` returns a thumbnail as bytes of a JPEG, PNG or WebP file, b"" without one; it is called for images
    that come into view, and so is `note(id)`: a problem of the image in words, "" without one, marked on its card.
    `album` identifies the set of ids: the browser caches pictures by album and id. `thresholds` are (low, high) as in
    `operating_point`, None without a prediction; `follows` is the key of the operating point whose handles recolour the
    cards while they move, `shows` that of the viewer that may show the chosen image before Python does. `height` of the
    grid in pixels.
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
    """The requested ids that exist: at most `AT_ONCE`."""
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
    """Answer the browser's last request; the answer is kept in case a run is interrupted."""
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
    """Words (N,) as the distinct ones, and an index for each."""
    table = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(table), "places": [table[word] for word in words]}

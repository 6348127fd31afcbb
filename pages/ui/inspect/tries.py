"""Inspect: images of the run, to click instead of bringing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.format import number
from pages.ui.inspect.upload import LONGEST_NAME, Upload, of_file
from pages.ui.markdown import plain
from pages.ui.review.data import test_images
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError, StoreError
from patchcore_core.runs.image_table import within
from patchcore_core.runs.store import Run

OFFERED = 8
SIDE = 120  # pixels
PARAMETER = "image"  # of the address, as on Review


@dataclass(frozen=True)
class Try:
    """An image of a run: its file, its name within the dataset, and its type; of a training image its held-out score,
    if it is known."""

    path: str
    name: str
    kind: str
    training: bool = False


def spread(types: Sequence[str], count: int = OFFERED) -> list[int]:
    """Places of at most `count` images, one of each type in turn ("good" first), those of a type evenly apart."""
    kinds = sorted(set(types), key=lambda kind: (kind != "good", kind))
    shares = [0] * len(kinds)
    room = [sum(kind == one for one in types) for kind in kinds]
    while sum(shares) < min(count, len(types)):
        for place in range(len(kinds)):
            if shares[place] < room[place] and sum(shares) < count:
                shares[place] += 1
    chosen = list[int]()
    for kind, share in zip(kinds, shares, strict=True):
        places = np.flatnonzero(np.array(types, dtype=object) == kind)
        chosen += places[np.linspace(0, len(places) - 1, share).astype(int)].tolist() if share else []
    return chosen


def offer(run: Run) -> None:
    """A row of test images, of a run without any training images; a click puts one into the address."""
    images = _candidates(run)
    if not images:
        return
    training = images[0].training
    st.caption("Or try a training image of the run, whose own patches are in the memory bank:" if training else
               "Or try a test image of the run:")
    places = _evenly(len(images)) if training else spread([one.kind for one in images])
    lost = list[str]()
    with st.container(horizontal=True, gap="small"):
        for place in places:
            try:
                _offer(images[place], place)
            except DataError as error:
                lost.append(str(error))
    if lost:
        st.caption(plain(lost[0] + (f" ({len(lost) - 1} more like this)" if len(lost) > 1 else "")))


def chosen(run: Run) -> list[Upload]:
    """The image that the address names, [] where it names none."""
    wanted = st.query_params.get(PARAMETER, "")
    found = [one for one in _candidates(run) if one.name == wanted][:1]
    if wanted and not found:
        st.warning(plain(f"This run has no image {wanted[:LONGEST_NAME]!r}."), icon=":material/link_off:")
    try:
        return [of_file(one.path, one.name) for one in found]
    except DataError as error:
        st.warning(plain(str(error)), icon=":material/broken_image:")
        return []


def forget() -> None:
    """Take the image out of the address, since others are given."""
    st.query_params.pop(PARAMETER, None)


@cache.of_run(max_entries=16)
def _candidates(run: Run) -> tuple[Try, ...]:
    """All test images, else all training images: those with a held-out score by that, the highest first."""
    images = test_images(run)
    if len(images):
        return tuple(Try(path, name, _type(kind, label)) for path, name, kind, label in zip(
            images["path"], images["name"], images["defect_type"], images["label"], strict=True))
    recorded = cache.store().training_images(run)
    if recorded is None:
        return tuple(Try(path, shown(within(run.dataset, path)), "training", training=True) for path in _trained(run))
    ranked = sorted(recorded, key=lambda one: -np.nan_to_num(one.score, nan=-np.inf))
    return tuple(Try(str(Path(run.dataset, one.path)), shown(one.path), number(one.score), training=True)
                 for one in ranked)


def _trained(run: Run) -> Sequence[str]:
    """The training photos of an older run as its memory bank names them, () where it does not."""
    from patchcore_core.model.about import BANK_FILE, read_about

    try:
        return read_about(cache.store().bank_folder(run) / BANK_FILE).training.paths
    except StoreError:
        return ()


def _evenly(count: int) -> list[int]:
    """At most `OFFERED` places of this many, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(OFFERED, count)).astype(int)).tolist()


def _offer(one: Try, place: int) -> None:
    """The thumbnail with its button; DataError where the image cannot be shown."""
    small = cache.thumbnail(one.path, SIDE)
    with st.container(width=SIDE, gap="xxsmall"):
        with st.container(height=SIDE + 2, border=False, horizontal_alignment="center", vertical_alignment="bottom"):
            st.image(small, width="content", alt=f"{'Training' if one.training else 'Test'} image {one.name}")
        about = f"{one.name}: held-out score" if one.training and one.kind != "training" else one.name
        st.button(plain(one.kind), key=f"inspect_try_{place}", width="stretch", help=plain(about),
                  on_click=_choose, args=(one.name,))


def _choose(name: str) -> None:
    st.query_params[PARAMETER] = name


def _type(kind: str, label: int) -> str:
    return kind or {0: "good", 1: "defective"}.get(label, "unlabelled")

"""The training photos with their held-out scores, the highest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import streamlit as st

from pages.ui import cache
from pages.ui.markdown import plain
from pages.ui.memory_bank.requests import on_request, photos_of
from pages.ui.training_photos import excluding
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.fitting.bank.suspects import held_out_again, ranked
from patchcore_core.runs.store import Run

ON_PAGE = 8
MOST_COPIES = 3  # named


def scored(run: Run) -> tuple[TrainingImage, ...] | None:
    """The ranked photos: as the run recorded them, or as they were scored on request; None until then."""
    recorded = _recorded(run)
    if recorded is None:
        st.caption("This run did not record which training photo has which held-out score.")
        recorded = on_request(run, "held_out", "Score the training photos",
                              lambda model, report: held_out_again(photos_of(model, run), report),
                              about="Each photo is scored by the bank without its own rows and those of its "
                                    "near-copies; the network runs on all of them.")  # fmt: skip
    return None if recorded is None else ranked(recorded)


@cache.of_run(max_entries=8)
def _recorded(run: Run) -> tuple[TrainingImage, ...] | None:
    return cache.store().training_images(run)


def facts(run: Run, photos: Sequence[TrainingImage]) -> str:
    """How many were scored and how, in a line."""
    odd = sum(photo.odd for photo in photos)
    trained = run.counts.train or len(photos)
    words = [f"{len(photos):,} of {trained:,} training photos scored, each without its own rows and those of its "
             "near-copies", f"median {median(scores(photos)):.4g}"]
    if odd:
        words.append(f"{odd} stand apart and {'is' if odd == 1 else 'are'} left out of the thresholds")
    return " · ".join(words)


def scores(photos: Sequence[TrainingImage]) -> list[float]:
    """The scores that are known, [NaN] if none is."""
    return [photo.score for photo in photos if not math.isnan(photo.score)] or [math.nan]


def draw(run: Run, photos: Sequence[TrainingImage]) -> TrainingImage:
    """A page of the list; the photo whose evidence is shown, named by ?photo=."""
    wanted = st.query_params.get("photo")
    place = next((place for place, photo in enumerate(photos) if shown(photo.path) == wanted), 0)
    pages = math.ceil(len(photos) / ON_PAGE)
    page = 1
    if pages > 1:
        page = st.pagination(pages, default=place // ON_PAGE + 1, key="training_page")
    middle = median(scores(photos))
    for number in range((page - 1) * ON_PAGE, min(page * ON_PAGE, len(photos))):
        _row(run, photos[number], number, middle, photos[place])
    return photos[place]


def _row(run: Run, photo: TrainingImage, number: int, middle: float, chosen: TrainingImage) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _thumbnail(run, photo.path)
        with st.container(gap=None):
            st.markdown(f"{number + 1} · **{plain(shown(photo.path))}**")
            st.caption(_words(photo, middle))
        with st.container(gap="xxsmall", width=100):
            st.button("Shown" if photo == chosen else "Evidence", key=f"training_show_{number}", width="stretch",
                      disabled=photo == chosen, on_click=_show, args=(photo.path,))  # fmt: skip
            excluding.tick(photo, number)


def _words(photo: TrainingImage, middle: float) -> str:
    if math.isnan(photo.score):
        return "no score: the bank has too few rows of other photos"
    words = [f"score {photo.score:.4g}, {photo.score / middle:.2f} times the median" if middle > 0 else
             f"score {photo.score:.4g}"]
    if photo.odd:
        words.append(":orange[stands apart]")
    if photo.copies:
        named = ", ".join(plain(shown(path.rsplit("/", 1)[-1])) for path in photo.copies[:MOST_COPIES])
        more = len(photo.copies) - MOST_COPIES
        words.append(f"near-copies: {named}" + (f" and {more} more" if more > 0 else ""))
    return " · ".join(words)


def _thumbnail(run: Run, path: str) -> None:
    try:
        st.image(cache.thumbnail(Path(run.dataset) / path, 96), width=64, alt="training photo")
    except DataError:
        st.caption("not there", width=64)


def _show(path: str) -> None:
    st.query_params["photo"] = shown(path)

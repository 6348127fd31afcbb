"""Photos that are ticked to be excluded, kept in the address as ?exclude=, and the fit without them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed, allowed_roots, read_only, why_unchanged
from pages.ui.frame import go_to, link_to
from pages.ui.markdown import plain
from pages.ui.states import errors_in_place
from patchcore_core.errors import ConfigError
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.jobs import jobs
from patchcore_core.runs.store import Run

PARAMETER = "exclude"
FORGET = (PARAMETER,)


def ticked() -> list[str]:
    """The paths in the address."""
    return st.query_params.get_all(PARAMETER)


def clean(run: Run, photos: Sequence[TrainingImage]) -> None:
    """Take what is no training photo of the run out of the address."""
    known = {photo.path for photo in photos}
    kept = [path for path in dict.fromkeys(ticked()) if path in known]
    if kept != ticked():
        st.query_params[PARAMETER] = kept
    if run.excluded:
        st.caption(f"{len(run.excluded)} {_photos(len(run.excluded))} already excluded from this run.")


def tick(photo: TrainingImage, number: int) -> None:
    """The box that excludes a photo, where a fit can be started."""
    if read_only():
        return
    key = f"training_exclude_{number}"
    st.session_state[key] = photo.path in ticked()
    st.checkbox("Exclude", key=key, on_change=_toggle, args=(photo.path, key))


def _toggle(path: str, key: str) -> None:
    others = [one for one in ticked() if one != path]
    st.query_params[PARAMETER] = [*others, path] if st.session_state[key] else others


def bar(run: Run, photos: Sequence[TrainingImage]) -> None:
    """What is ticked, and the fit without it, at the foot of the window."""
    chosen = [photo for photo in photos if photo.path in ticked()]
    if not chosen:
        return
    if words := why_unchanged("No fit can be started"):
        st.caption(f"{words}.")
        return
    copies = sum(len(photo.copies) for photo in chosen)
    left_out = excluded(run, chosen)
    with st.bottom.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button(f"Fit again without {len(chosen) + copies} {_photos(len(chosen) + copies)}", type="primary",
                     icon=":material/play_arrow:", disabled=bool(run.unknown_settings)):
            _fit(run, left_out)
        near = f", {copies} of them near-copies" if copies else ""
        taught = "; photos that were taught to it are not part of a new fit" if run.parent else ""
        st.caption(f"Same data set and settings as this run{near}{taught}. {reused()} This run stays as it is.",
                   width="stretch")
        link_to("fit", "Other settings", icon=":material/tune:", path=run.dataset, exclude=left_out)


def reused() -> str:
    """What the new fit need not compute, a sentence; of a cache that cannot be used, why."""
    try:
        if feature_cache(cache.store().root) is None:
            return "There is no feature cache, so everything is computed again."
    except ConfigError as error:
        return plain(f"{error}.")
    return "Only photos whose features are not in the feature cache go through the network; the rest is computed again."


def excluded(run: Run, chosen: Sequence[TrainingImage]) -> list[str]:
    """What the new fit excludes: what this run did, the chosen photos and their near-copies; not those that were taught
    to it, which are no part of a new fit."""
    more = (path for photo in chosen for path in (photo.path, *photo.copies) if path not in run.taught)
    return list(dict.fromkeys([*run.excluded, *more]))


def _fit(run: Run, left_out: Sequence[str]) -> None:
    """Start the job, or find the finished run, and follow it on Fit."""
    with errors_in_place(run), st.spinner("Starting …"):
        job = jobs.start(cache.store(), allowed(run.dataset), None, run.config, excluded=left_out,
                         within=allowed_roots())  # fmt: skip
    go_to("fit", jobs=job, path=run.dataset, exclude=left_out)


def _photos(count: int) -> str:
    return "photo" if count == 1 else "photos"


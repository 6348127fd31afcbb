"""Excluding photos from a fit: chosen by name, typed, or those that a finished run of the folder found odd."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.data.samples import Dataset, exclude
from patchcore_core.errors import DataError
from patchcore_core.runs.store import Run

KEY = "exclude"  # of the field and in the address
OF = "fit_exclude_of"  # the folders that the field refers to
MOST_OFFERED = 1000  # names in the list; any other can be typed
MOST_NAMED = 3


def leave_out(datasets: Sequence[Dataset]) -> list[Dataset]:
    """The datasets without the excluded photos; [] with an error shown where that is impossible."""
    if not datasets:
        return []
    _forget_other_folders(datasets)
    odd, run = _odd(datasets)
    names = [_name(dataset, sample.path.relative_to(dataset.root).as_posix(), datasets)
             for dataset in datasets for sample in dataset.train]
    options = list(dict.fromkeys([*odd, *names]))[:MOST_OFFERED]
    chosen = st.multiselect(
        "Exclude", options, key=KEY, bind="query-params", format_func=shown, accept_new_options=True,
        placeholder="no photo",
        help="Photos used neither for training nor for testing. Choose training photos, or type the path of any photo "
             "or folder of the dataset.",
    )  # fmt: skip
    if run is not None and (missing := [name for name in odd if name not in chosen]):
        _offer(missing, run)
    try:
        left = exclude(datasets, chosen)
    except DataError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return []
    if count := sum(len(dataset.excluded) for dataset in left):
        st.caption(f"{count} {'photo' if count == 1 else 'photos'} excluded; "
                   + ", ".join(f"{len(dataset.train)} of {len(before.train)} training photos used" for dataset, before
                               in zip(left, datasets, strict=True) if dataset.excluded))  # fmt: skip
    return list(left)


def _looked(run: Run) -> bool:
    """Whether its fit looked for odd photos."""
    return run.heldout is not None and run.heldout.odd is not None


def odd_photos(run: Run) -> list[str]:
    """Training photos that a run found odd: paths relative to its dataset. Not those that were taught to it, which
    somebody has called good, and which no fit of the dataset has."""
    odd = () if run.heldout is None else run.heldout.odd or ()
    return [photo.path for photo in odd if photo.path not in run.taught]


def _offer(missing: Sequence[str], run: Run) -> None:
    """What a run found about these photos, and the button that excludes them."""
    named = ", ".join(plain(shown(name)) for name in missing[:MOST_NAMED])
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    label = "Exclude it" if len(missing) == 1 else "Exclude them"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Odd training photos found by run {plain(run.id)}: {named}{more}.{_thresholds(run)}",
                   width="stretch")
        st.button(label, on_click=_add, args=(tuple(missing),), key="fit_leave_odd")
        link_to("training_photos", "See why", icon=":material/image_search:", run=run.id)


def _thresholds(run: Run) -> str:
    """The effect of the odd photos on the run's image threshold, "" if not recorded."""
    moved = None if run.heldout is None else run.heldout.thresholds.get("image")
    if moved is None or not (math.isfinite(moved.without_odd) and math.isfinite(moved.with_odd)):
        return ""
    return f" Image threshold without them {moved.without_odd:.4g}, with them {moved.with_odd:.4g}."


def _add(names: Sequence[str]) -> None:
    st.session_state[KEY] = list(dict.fromkeys([*st.session_state.get(KEY, ()), *names]))


def _forget_other_folders(datasets: Sequence[Dataset]) -> None:
    """Clear the field when another folder is chosen."""
    folders = {str(dataset.root) for dataset in datasets}
    before = st.session_state.get(OF, folders)
    if not folders & before and st.session_state.get(KEY):
        st.session_state[KEY] = []
    st.session_state[OF] = folders


def _odd(datasets: Sequence[Dataset]) -> tuple[list[str], Run | None]:
    """Odd photos of these datasets by the newest run of each that looked for them, and one such run."""
    names: list[str] = []
    source = None
    runs = [run for run in cache.load_runs() if run.status == "finished" and _looked(run) and not run.excluded]
    for dataset in datasets:
        run = next((run for run in runs if os.path.realpath(run.dataset) == os.path.realpath(dataset.root)), None)
        known = {sample.path.relative_to(dataset.root).as_posix() for sample in dataset.train}
        found = [path for path in odd_photos(run) if path in known] if run is not None else []
        names += [_name(dataset, path, datasets) for path in found]
        source = run if found and source is None else source
    return names, source


def _name(dataset: Dataset, path: str, datasets: Sequence[Dataset]) -> str:
    return f"{dataset.category}/{path}" if len(datasets) > 1 else path

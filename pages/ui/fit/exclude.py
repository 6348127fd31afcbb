"""Leaving photos out of a fit: chosen by name, typed, or those that a finished run of the folder found to be odd."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.data.samples import Dataset, exclude
from patchcore_core.errors import DataError
from patchcore_core.runs.store import Run

KEY = "exclude"  # of the field and in the address
OF = "fit_exclude_of"  # the folders that the field is about
MOST_OFFERED = 1000  # names in the list; any other can be typed
MOST_NAMED = 3


def leave_out(datasets: Sequence[Dataset]) -> list[Dataset]:
    """The data sets without the photos that are to be left out; [] with the reason in place where that cannot be."""
    if not datasets:
        return []
    _forget_other_folders(datasets)
    odd, run = _odd(datasets)
    names = [_name(dataset, sample.path.relative_to(dataset.root).as_posix(), datasets)
             for dataset in datasets for sample in dataset.train]
    offered = list(dict.fromkeys([*odd, *names]))[:MOST_OFFERED]
    chosen = st.multiselect(
        "Leave out", offered, key=KEY, bind="query-params", format_func=shown, accept_new_options=True,
        placeholder="no photo",
        help="Photos that are neither learned from nor tested on, and so other runs. Choose photos to learn from, or "
             "type the path of any photo or folder of the data set.",
    )  # fmt: skip
    if run is not None and (missing := [name for name in odd if name not in chosen]):
        _offer(missing, run)
    try:
        left = exclude(datasets, chosen)
    except DataError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return []
    if count := sum(len(dataset.excluded) for dataset in left):
        st.caption(f"{count} {'photo is' if count == 1 else 'photos are'} left out; "
                   + ", ".join(f"{len(dataset.train)} of {len(before.train)} are learned from" for dataset, before
                               in zip(left, datasets, strict=True) if dataset.excluded))  # fmt: skip
    return list(left)


def odd_photos(run: Run) -> list[str]:
    """Training photos that a run found to be odd: paths relative to its data set."""
    found = run.heldout.get("odd")
    entries = found if isinstance(found, list | tuple) else ()
    return [str(entry["path"]) for entry in entries if isinstance(entry, dict) and "path" in entry]


def _offer(missing: Sequence[str], run: Run) -> None:
    """What a run says of these photos, and the click that leaves them out."""
    named = ", ".join(plain(shown(name)) for name in missing[:MOST_NAMED])
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    label = "Leave it out" if len(missing) == 1 else "Leave them out"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Odd among the photos to learn from, by run {plain(run.id)}: {named}{more}.{_thresholds(run)}",
                   width="stretch")
        st.button(label, on_click=_add, args=(tuple(missing),), key="fit_leave_odd")


def _thresholds(run: Run) -> str:
    """What the odd photos do to a run's image threshold, "" where it does not say so."""
    moved = run.heldout.get("thresholds", {}).get("image", {})
    without, having = moved.get("without_odd", math.nan), moved.get("with_odd", math.nan)
    if not (math.isfinite(without) and math.isfinite(having)):
        return ""
    return f" Its image threshold leaves them out: {without:.4g}, with them {having:.4g}."


def _add(names: Sequence[str]) -> None:
    st.session_state[KEY] = list(dict.fromkeys([*st.session_state.get(KEY, ()), *names]))


def _forget_other_folders(datasets: Sequence[Dataset]) -> None:
    """Names of one folder's photos mean nothing in another that is chosen after it."""
    folders = {str(dataset.root) for dataset in datasets}
    before = st.session_state.get(OF, folders)
    if not folders & before and st.session_state.get(KEY):
        st.session_state[KEY] = []
    st.session_state[OF] = folders


def _odd(datasets: Sequence[Dataset]) -> tuple[list[str], Run | None]:
    """Photos of these data sets that the newest run of each which has looked for odd ones has found, and such a run."""
    names: list[str] = []
    source = None
    runs = [run for run in cache.load_runs() if run.status == "finished" and "odd" in run.heldout and not run.excluded]
    for dataset in datasets:
        run = next((run for run in runs if os.path.realpath(run.dataset) == os.path.realpath(dataset.root)), None)
        known = {sample.path.relative_to(dataset.root).as_posix() for sample in dataset.train}
        found = [path for path in odd_photos(run) if path in known] if run is not None else []
        names += [_name(dataset, path, datasets) for path in found]
        source = run if found and source is None else source
    return names, source


def _name(dataset: Dataset, path: str, datasets: Sequence[Dataset]) -> str:
    return f"{dataset.category}/{path}" if len(datasets) > 1 else path

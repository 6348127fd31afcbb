"""Choosing the images to fit on: a folder, its categories, what is in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import OutsideError, allowed, allowed_roots, allowing, dataset_folders
from pages.ui.format import below
from pages.ui.markdown import plain
from patchcore_core.data.dataset import Dataset, Sample, list_categories, load_dataset
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.refusal import READ
from patchcore_core.errors import DataError

ALL_BY_DEFAULT = 3  # up to this many categories, all are chosen at first
SHOWN = 5  # photos of each kind
THUMBNAIL = 88
OPEN_NOTES = 6  # the expander is open up to this many notes


def pick_datasets() -> list[Dataset]:
    """The chosen categories, loaded; draws the errors of those that cannot be used. May be empty."""
    folder = pick_folder()
    if folder is None:
        return []
    names = pick_categories(folder)
    found = [_loaded(folder, name) for name in names]
    draw_refusals([one for one in found if isinstance(one, DataError)])
    datasets = [one for one in found if isinstance(one, Dataset)]
    if datasets:
        draw_counts(folder, datasets)
        draw_samples(datasets[0])
    return datasets


def pick_folder() -> Path | None:
    """A folder found below the allowed roots, or a typed path within them; None with a message."""
    roots = plain(" or ".join(shown_path(root) for root in allowed_roots()))
    found = [shown_path(folder) for folder in _folders(str(allowed_roots()))]
    asked = st.query_params.get("dataset")
    if asked and asked not in found:
        st.warning(f"{plain(shown(asked))}: no images found in this folder.",
                   icon=":material/folder_off:")
    left, right = st.columns([3, 2])
    chosen = left.selectbox(
        "Images", found, key="dataset", bind="query-params", placeholder="none found", disabled=not found,
        help="A folder in the layout of MVTec AD, AD 2 or LOCO, a folder of such folders, or a plain folder of good "
        f"images, found below {roots}.",
    )
    typed = right.text_input("or a path", key="path", bind="query-params", placeholder="/path/to/images",
                             help=f"A folder below {roots}; PATCHCORE_DATA names others.")
    if not (typed or chosen):
        st.info(f"No images found below {roots}; put a folder there, or set PATCHCORE_DATA to its location.",
                icon=":material/folder_open:")
        return None
    try:
        return allowed(typed or chosen)
    except OutsideError as error:
        say_outside(error, typed or chosen)
    except DataError as error:
        st.error(plain(str(error)), icon=":material/folder_off:")
    return None


def say_outside(error: OutsideError, path: str) -> None:
    """The refusal of a path outside the allowed folders, and the command that allows it."""
    st.error(plain(str(error)), icon=":material/folder_off:")
    st.caption("To allow it, stop the dashboard and start it with:")
    st.code(allowing(path), language="sh", wrap_lines=True)


def pick_categories(folder: Path) -> list[str]:
    """The chosen categories of a folder; [""] where the folder is a category itself."""
    try:
        names = list_categories(folder)
    except DataError as error:
        draw_refusals([error])
        return []
    if not names:
        return [""]
    default = list(names) if len(names) <= ALL_BY_DEFAULT else [names[0]]
    chosen = st.pills("Categories", names, selection_mode="multi", default=default, key=f"fit_categories_{folder}",
                      format_func=plain)
    if not chosen:
        st.caption("Choose at least one category.")
    return list(chosen)


def draw_counts(folder: Path, datasets: Sequence[Dataset]) -> None:
    """Number of images per category and kind, and the warnings of the datasets."""
    unlabelled = any(dataset.counts().test_unknown for dataset in datasets)
    rows = [{
        "Category": dataset.category,
        "Train good": dataset.counts().train,
        "Test good": dataset.counts().test_good,
        "Test defective": dataset.counts().test_defective,
        **({"Without label": dataset.counts().test_unknown} if unlabelled else {}),
        "Defect types": ", ".join(f"{name} {count}" for name, count in dataset.counts().defect_types.items()) or "—",
    } for dataset in datasets]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Images per category",
                 height="content" if len(rows) <= 8 else 300)
    warnings = list(dict.fromkeys(below(folder, sentence) for dataset in datasets for sentence in dataset.warnings))
    if warnings:
        with st.expander(f"Notes on these images: {len(warnings)}", expanded=len(warnings) <= OPEN_NOTES):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in warnings[:100]))


def draw_refusals(errors: Sequence[DataError]) -> None:
    """Why folders cannot be used, followed once by the layouts that are read."""
    for error in errors:
        st.warning(plain(str(error).removesuffix(f"; {READ}")), icon=":material/folder_off:")
    if any(str(error).endswith(READ) for error in errors):
        st.caption(plain(READ[0].upper() + READ[1:] + "."))


def draw_samples(dataset: Dataset) -> None:
    """A few photos of a category: a row of good ones, a row with one of each defect type."""
    first_of_type = {sample.defect_type: sample for sample in reversed(dataset.test) if sample.label == 1}
    defective = sorted(first_of_type.values(), key=lambda sample: sample.defect_type)
    for row in (dataset.train[:SHOWN], defective[:SHOWN]):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for sample in row:
                _draw_sample(sample)


def shown_path(path: Path) -> str:
    """The path, relative if it is below the working directory."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _draw_sample(sample: Sample) -> None:
    try:
        st.image(cache.thumbnail(sample.path, THUMBNAIL), caption=plain(sample.defect_type), width="content",
                 alt=f"Photo {shown(sample.path.name)}")
    except DataError as error:
        st.caption(f":material/broken_image: {plain(str(error))}")


def _loaded(folder: Path, name: str) -> Dataset | DataError:
    try:
        allowed(folder / name)  # a category may be a link to anywhere
        return _dataset(str(folder), name or None, allowed_roots())
    except DataError as error:
        return error


@st.cache_data(max_entries=4, ttl=10, show_spinner="Looking for images …")
def _folders(roots: str) -> tuple[Path, ...]:  # noqa: ARG001  (roots is the key)
    return dataset_folders()


@st.cache_data(max_entries=64, ttl=20, show_spinner="Reading the folder …")
def _dataset(folder: str, category: str | None, roots: tuple[Path, ...]) -> Dataset:
    return load_dataset(folder, category, within=roots)

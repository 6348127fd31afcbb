"""The store below the table: import, the trash, and what takes the disk."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import read_only
from pages.ui.format import run_label, size
from pages.ui.markdown import plain
from pages.ui.overview import undo
from pages.ui.overview.export import LARGEST
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.exports.run_file.several import import_runs
from patchcore_core.runs.folder import TRASH, run_folders
from patchcore_core.runs.keeping.disk import StoreDisk, store_disk
from patchcore_core.runs.keeping.trash import KEPT_DAYS, Deleted, clear_old, deleted_runs, empty_trash, restore_run
from patchcore_core.runs.store import Run

PARTS = {"maps": "Anomaly maps", "banks": "Memory banks", "other": "Other files of runs",
         "jobs": "Jobs at work, or that ended badly", "features": "Feature cache (may be deleted)",
         "trials": "Photos taught on trial", "trash": "Trash"}  # fmt: skip
MOST_LISTED = 50  # deleted runs
HOUR = 3600.0  # seconds between two looks for runs that have been in the trash too long
IMPORTED = "overview_imported"  # files so far
REFUSED = "overview_refused"  # why runs of the last file were not taken


def draw() -> None:
    """The panels; nothing is read for those that are folded."""
    if not read_only():
        _import()
        _clear_old(str(cache.store().root))
        _trash()
    _disk()


def _import() -> None:
    panel = st.expander("Import runs", icon=":material/upload_file:", key="overview_import", on_change="rerun")
    if not panel.open:
        return
    with panel:
        number = st.session_state.get(IMPORTED, 0)
        st.caption("A file of one run or several that Overview or `export-run` has written. It is checked first, and "
                   "nothing is overwritten; larger ones are taken by `import-run`.")
        file = st.file_uploader("File of runs", type="zip", key=f"overview_file_{number}", max_upload_size=LARGEST,
                                label_visibility="collapsed")
        for reason in st.session_state.pop(REFUSED, ()):
            st.error(plain(reason), icon=":material/error:")
        if file is None:
            return
        came, refused = _taken(file)
        if came:
            st.session_state[IMPORTED], st.session_state[REFUSED] = number + 1, refused  # an empty field
            what = run_label(came[0]) if len(came) == 1 else f"{len(came)} runs"
            st.toast(f"Imported {plain(what)}", icon=":material/check:")
            st.rerun()
        for reason in refused:
            st.error(plain(reason), icon=":material/error:")


def _taken(file: Any) -> tuple[list[Run], list[str]]:
    """The runs of the uploaded file that were taken, and why others were not."""
    came, refused = list[Run](), list[str]()
    try:
        for made in import_runs(cache.store(), file, undo.who(), file.name):
            if isinstance(made, PatchCoreError):
                refused.append(str(made))
            else:
                came.append(made)
    except PatchCoreError as error:
        refused.append(str(error))
    if len(refused) > MOST_LISTED:
        refused = [*refused[:MOST_LISTED], f"and {len(refused) - MOST_LISTED} more"]
    return came, refused


def _trash() -> None:
    count = len(run_folders(cache.store().root / TRASH))
    if not count:
        return
    panel = st.expander(f"Trash: {count} {'run' if count == 1 else 'runs'}", icon=":material/delete:",
                        key="overview_trash", on_change="rerun")
    if not panel.open:
        return
    with panel, states.errors_in_place():
        found = deleted_runs(cache.store().root)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{size(sum(one.bytes for one in found))}; removed {KEPT_DAYS} days after the deletion.",
                       width="stretch")
            with st.popover("Empty the trash", icon=":material/delete_forever:"):
                if st.button(f"Remove {count} {'run' if count == 1 else 'runs'} for good", type="primary"):
                    empty_trash(cache.store().root, [one.run.id for one in found])
                    st.rerun()
        for one in found[:MOST_LISTED]:
            _deleted(one)
        if len(found) > MOST_LISTED:
            st.caption(f"and {len(found) - MOST_LISTED} more, which `restore` lists")


def _deleted(one: Deleted) -> None:
    words, button = st.columns([6, 1], vertical_alignment="center")
    when = datetime.fromtimestamp(one.deleted_at).astimezone().strftime("%Y-%m-%d %H:%M")
    words.markdown(f"{plain(run_label(one.run))} · deleted {when} · {size(one.bytes)}")
    with button:
        if st.button("Restore", key=f"overview_restore_{one.run.id}"):
            restore_run(cache.store().root, one.run.id)
            st.rerun()


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def _clear_old(root: str) -> float:
    """Remove what has been in the trash too long, at most once an hour; returns when."""
    if run_folders(Path(root) / TRASH):
        with suppress(StoreError):  # a store that can only be read
            clear_old(Path(root))
    return time.time()


def _disk() -> None:
    panel = st.expander("Disk", icon=":material/hard_drive:", key="overview_disk", on_change="rerun")
    if not panel.open:
        return
    with panel, states.errors_in_place():
        found: StoreDisk = store_disk(cache.store().root)
        rows = {words: size(getattr(found, name)) for name, words in PARTS.items() if getattr(found, name)}
        st.table({"": list(rows), "Size": list(rows.values())}, border="horizontal", alt="What takes the disk")
        st.caption(f"{size(found.total)} in all. The column Disk of the table says what each run takes.")

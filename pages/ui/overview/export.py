"""The ticked runs as one file: which they are, what they take, and the link to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.format import size
from pages.ui.markdown import plain
from pages.ui.media.downloads import Made, offer
from pages.ui.overview.listed import Listed, disk_of
from patchcore_core.exports.run_file.several import MOST_RUNS, packed_runs

EXPORTED = "overview_exported"  # what the last file holds, and the address at which it is offered
LISTED = 8  # runs that are named
LARGEST = 1024  # MiB of a file that is uploaded


def draw(finished: Sequence[Listed]) -> None:
    """The button that asks for them; nothing without a finished run."""
    if finished and st.button("Export", icon=":material/download:"):
        _ask(finished)


@st.dialog("Export", width="medium")
def _ask(finished: Sequence[Listed]) -> None:
    """What would be exported, and the link to the file, which is made while it is fetched."""
    if len(finished) > MOST_RUNS:
        st.markdown(f"A file holds at most {MOST_RUNS} runs; {len(finished)} are ticked.")
        return
    _sizes(finished)
    name = f"{finished[0].run.id}.zip" if len(finished) == 1 else f"{len(finished)}-runs.zip"
    st.link_button(f"Download {name}", _address(finished, name), icon=":material/download:", type="primary")


def _sizes(finished: Sequence[Listed]) -> None:
    taken = {one.run.id: disk_of(one.run) for one in finished}
    total = sum(taken.values())
    if len(finished) > 1:
        listed = finished[:LISTED]
        st.table({"": [plain(one.name) for one in listed], "On the disk": [size(taken[one.run.id]) for one in listed]},
                 border="horizontal", alt="What the runs take")
        if len(finished) > LISTED:
            st.caption(f"and {len(finished) - LISTED} more")
    takers = "which Overview and `import-run` of another installation take"
    if total > LARGEST * 2**20:
        takers = f"which `import-run` of another installation takes; Overview takes files of up to {LARGEST} MiB"
    what = "The run" if len(finished) == 1 else f"The {len(finished)} runs"
    st.markdown(f"{what}, **{size(total)}** on the disk and less when packed, as one checked file, {takers}.")


def _address(finished: Sequence[Listed], name: str) -> str:
    """Where the file is offered: the same for as long as the same runs are ticked."""
    state = tuple((one.run.id, one.run.updated_at) for one in finished)
    held, address = st.session_state.get(EXPORTED, ((), ""))
    if held != state:
        store, runs = cache.store(), [one.run for one in finished]
        address = offer(Made(name, "application/zip", lambda: packed_runs(store, runs)))["address"]
        st.session_state[EXPORTED] = state, address
    return str(address)

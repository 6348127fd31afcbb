"""What can be done with the ticked runs, at the foot of the window wherever the page is scrolled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import read_only, why_unchanged
from pages.ui.format import size
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from pages.ui.overview import export, undo
from pages.ui.overview.labels import edit
from pages.ui.overview.listed import Listed
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.keeping.dropped import drop_maps
from patchcore_core.runs.store import Run

ARCHIVED = "Archived runs are listed only on request."


def draw(ticked: Sequence[Listed]) -> None:
    """The buttons; nothing where no run is ticked."""
    if not ticked:
        return
    finished = [one for one in ticked if one.run.status == "finished"]
    with st.bottom.container(horizontal=True, vertical_alignment="center", gap="small"):
        _ways(ticked, finished)
        if read_only():
            st.caption(f"{why_unchanged('No run can be changed')}.")
            return
        _star_and_archive(ticked)
        edit(ticked)
        export.draw(finished)
        _drop(finished)
        _delete(ticked)


def words_of(runs: Sequence[Listed]) -> str:
    """`tile · … · a1b2` or `3 runs`."""
    return runs[0].name if len(runs) == 1 else f"{len(runs)} runs"


def _ways(ticked: Sequence[Listed], finished: Sequence[Listed]) -> None:
    """To other pages."""
    if len(ticked) == 1:
        link_to("review", f"Review {plain(ticked[0].run.category)}", icon=":material/troubleshoot:",
                run=ticked[0].run.id)
    elif len(finished) > 1:
        link_to("compare", f"Compare {len(finished)} runs", icon=":material/compare_arrows:",
                runs=",".join(one.run.id for one in finished))
    else:
        st.caption("Only finished runs can be compared.")


def _star_and_archive(ticked: Sequence[Listed]) -> None:
    for field, on, off, icon in (("star", "Star", "Take the star away", ":material/star:"),
                                 ("archived", "Archive", "Take out of the archive", ":material/archive:")):
        without = [one for one in ticked if not getattr(one.labels, field)]
        label = on if without else off
        if st.button(label, icon=icon, help=ARCHIVED if field == "archived" else None):
            changed = without or ticked
            with states.errors_in_place():
                undo.relabel([(one.run.id, {field: bool(without)}) for one in changed],
                             f"{label.lower()} {words_of(changed)}")
            st.rerun()


def _delete(ticked: Sequence[Listed]) -> None:
    ended = [one for one in ticked if not one.run.alive]
    why_not = "" if ended else "A running job can be deleted once it is cancelled or has ended."
    if st.button("Delete", icon=":material/delete:", disabled=bool(why_not),
                 help=why_not or "Moves runs into the trash; the images stay."):
        with states.errors_in_place():
            undo.delete([one.run.id for one in ended], f"delete {words_of(ended)}")
        st.rerun()


def _drop(finished: Sequence[Listed]) -> None:
    """Keep figures, drop maps: cannot be taken back, so it is asked."""
    holding = [one.run for one in finished if MAPS not in one.run.dropped]
    if not holding:
        return
    with st.popover("Drop maps", icon=":material/layers_clear:"):
        st.markdown(f"Remove the anomaly maps of {len(holding)} {'run' if len(holding) == 1 else 'runs'}, "
                    f"{size(sum(map(_map_bytes, holding)))}? Figures, scores, curves and memory banks stay. Maps, "
                    "segmentations and reports of these test images can then only be had by another fit.")
        if st.button("Remove maps for good", type="primary"):
            with states.errors_in_place():
                for run in holding:
                    drop_maps(cache.store(), run.id, cache.read_masks)
            st.rerun()


def _map_bytes(run: Run) -> int:
    path = Path(run.folder / MAPS)
    return path.stat().st_size if path.is_file() else 0

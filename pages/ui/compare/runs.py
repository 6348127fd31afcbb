"""Compare: the chosen runs, their names, and the photos they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import numpy as np
import streamlit as st

from pages.ui import cache, run_warnings, states
from pages.ui.access import allowed
from pages.ui.components.legend import Entry, legend
from pages.ui.format import like, run_label, when
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from pages.ui.pickers import runs_picker
from pages.ui.review.data import test_images
from patchcore_core.data.files.content import content_keys
from patchcore_core.errors import DataError, UnknownRunError
from patchcore_core.evaluation.statistics import compare
from patchcore_core.runs.store import Run
from patchcore_core.views.colours import RUN_COLOURS
from patchcore_core.views.comparison.names import field_value
from patchcore_core.views.comparison.side_tables import LETTERS
from patchcore_core.views.run_names import name_of

MOST_RUNS = 6
NAME_LENGTH = 40


@dataclass(frozen=True)
class Shared:
    """The photos that all runs have scored: places (R, N) in each run's images, names (N,) for people."""

    places: np.ndarray
    names: tuple[str, ...]

    def column(self, runs: Sequence[Run], name: str) -> np.ndarray:
        """(R, N): one column of images.csv for the shared photos."""
        rows = [cache.load_images(run)[name].to_numpy()[place] for run, place in zip(runs, self.places, strict=True)]
        return np.stack(rows)


def named_runs() -> list[Run]:
    """Two finished runs or more, in the order of the address; draws the state and ends the page when there are fewer.
    """
    chosen, unusable = runs_picker("Runs (first = baseline)", key="compare_runs")
    for run_id in unusable:
        _say_why_not(run_id)
    if len(chosen) < 2:
        _ask_for_more()
    return chosen


def first_few(runs: Sequence[Run]) -> list[Run]:
    """As many of them as can be shown side by side; it is said where that is not all."""
    if len(runs) > MOST_RUNS:
        st.warning(f"At most {MOST_RUNS} runs stand side by side; the first {MOST_RUNS} of {len(runs)} are shown.")
    return list(runs[:MOST_RUNS])


def names_of(runs: Sequence[Run]) -> list[str]:
    """A letter and what sets each run apart from A, A from B: `A · 10 %`, `B · 1 %`."""
    names = []
    for index, run in enumerate(runs):
        other = runs[0] if index else runs[1]
        differing = compare.config_differences([run.config.to_dict(), other.config.to_dict()])
        parts = [run.category] if run.category != other.category else []
        parts += [field_value(name, own) for name, (own, _) in differing.items()]
        text = " · ".join(parts) or when(run.created_at)
        names.append(f"{LETTERS[index]} · {text if len(text) <= NAME_LENGTH else text[:NAME_LENGTH - 1] + '…'}")
    return names


def colour_key(names: Sequence[str]) -> None:
    """The colour and name of each run, once for all plots below."""
    legend([Entry(name, colour) for name, colour in zip(names, RUN_COLOURS, strict=False)], key="compare_key")


def run_cards(runs: Sequence[Run]) -> None:
    """One line per run: its colour in the plots, its letter, its settings, the way to Review."""
    with st.grid(4 if len(runs) == 4 else 3, min_column_width=290, gap="small") as grid:
        for letter, colour, run in zip(LETTERS, RUN_COLOURS, runs, strict=False):
            with grid.cell(), st.container(border=True, gap="xxsmall"):
                with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                    st.image(_swatch(colour), width=14, alt=f"colour of run {letter}")
                    st.markdown(f"**{letter}** · {plain(run.category)}", width="stretch")
                    run_warnings.opened_by_count(run, f"compare_warnings_{letter}")
                    link_to("review", "Review", run=run.id)
                among = [other.config for other in runs if like(other, run)]
                st.caption(f"{plain(name_of(run.config, among))} · {when(run.created_at)}")


def shared_images(runs: Sequence[Run]) -> Shared:
    """The photos that all runs have scored: by path within the dataset where the data are the same, else by content."""
    frames = [test_images(run) for run in runs]
    names = [frame["name"].tolist() for frame in frames]
    same_data = len({run.fingerprint for run in runs}) == 1
    keys = names if same_data else [_contents(tuple(frame["path"]), tuple(frame["sha256"]), run.created_at)
                                    for run, frame in zip(runs, frames, strict=True)]
    places = compare.common_images(keys)
    return Shared(places, tuple(names[0][place] for place in places[0]))


def comparability(runs: Sequence[Run], shared: Shared) -> str | None:
    """A sentence where the runs were not judged on the same photos; None where they were."""
    counts = [len(cache.load_images(run)) for run in runs]
    found = len(shared.names)
    if all(count == found for count in counts) and len({run.fingerprint for run in runs}) == 1:
        return None
    tested = ", ".join(f"{letter}: {count}" for letter, count in zip(LETTERS, counts, strict=False))
    if found == 0:
        return ("These runs were tested on different photos. Each figure belongs to its own test set, so a higher one "
                "does not mean a better run, and no image differences can be shown.")
    return (f"These runs used different data; {found} test photos are shared ({tested} in all). Each figure belongs to "
            "its own test set; image differences use the shared photos only.")


def _to_address(ids: Sequence[str]) -> None:
    st.query_params["runs"] = ",".join(ids)


def suggest(finished: Sequence[Run]) -> None:
    """Put the two newest of these runs of one dataset into the address."""
    pair = next((pair for pair in combinations(finished, 2) if pair[0].fingerprint == pair[1].fingerprint), None)
    if pair is not None:
        _to_address([pair[1].id, pair[0].id])


def _say_why_not(run_id: str) -> None:
    try:
        run = cache.load_run(run_id)
    except UnknownRunError:
        states.unknown_run(run_id)
        return
    if run.alive:
        st.info(f"{plain(run_label(run))} is still running; it joins the comparison when finished.",
                icon=":material/hourglass_top:")
        states.running(run)
    else:
        states.ended_badly(run)


def _ask_for_more() -> None:
    finished = sum(run.status == "finished" for run in cache.load_runs())
    if finished < 2:
        st.info("A comparison needs two finished runs; there is one.", icon=":material/compare_arrows:")
        link_to("fit", "Fit another, for example with another coreset size", icon=":material/play_circle:")
    else:
        st.info("Choose at least two runs above.", icon=":material/compare_arrows:")
    st.stop()


@st.cache_data(max_entries=16, ttl=600, show_spinner="Matching the photos of the runs …")
def _contents(paths: tuple[str, ...], recorded: tuple[str, ...], created_at: str) -> tuple[str, ...]:
    """A key for the content that each photo had when the run was made, as it was recorded, else by the file's time; ""
    where that cannot be known."""
    made = datetime.fromisoformat(created_at).timestamp() + 1  # file systems keep whole seconds
    return tuple(known or _content(path, made) for path, known in zip(paths, recorded, strict=True))


def _content(path: str, made: float) -> str:
    try:
        return content_keys([allowed(path)], unchanged_since=made)[0]
    except DataError:
        return ""


def _swatch(colour: str) -> np.ndarray:
    channels = [int(colour[start:start + 2], 16) for start in (1, 3, 5)]
    return np.full((14, 14, 3), channels, dtype=np.uint8)

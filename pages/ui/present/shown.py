"""The screens of runs with their pictures, made once and kept while neither runs nor photos change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit import runtime

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.media import address as media
from pages.ui.present.face import Candidate
from patchcore_core.data.files.content import stamp_of
from patchcore_core.errors import PatchCoreError
from patchcore_core.exports.present.evidence import Explains
from patchcore_core.exports.present.photos import Reads, read_file
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.show import screens
from patchcore_core.exports.report.report import report as report_of
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import Run
from patchcore_core.views.present.deck import Screen, with_addresses
from patchcore_core.views.present.examples import best_and_worst, headings
from patchcore_core.views.present.money import Prices
from patchcore_core.views.text import score_text

PICTURED = 60  # candidates with a small picture
READS = Reads(lambda path: read_file(allowed(path)), cache.read_masks)


@dataclass(frozen=True)
class Shown:
    """Screens whose figures name pictures in `files`, and why there is no evidence; "" where there is or it was not
    asked for."""

    screens: tuple[Screen, ...]
    files: dict[str, bytes]
    lacking: str = ""

    def served(self) -> tuple[Screen, ...]:
        """The same with the addresses of the pictures on this server."""
        known: dict[str, str] = {}

        def give(place: str) -> str:
            known.setdefault(place, served(self.files[place], f"present.{place}"))
            return known[place]

        return tuple(with_addresses(screen, give) for screen in self.screens)


def presented(run: Run) -> Presented:
    """The run as it is used now."""
    root = cache.store().root
    return _presented(run, ChosenThresholdsOf(root).current(run.id).id, Verdicts(root).revision())


@cache.of_run(max_entries=16)
def _presented(run: Run, chosen: int, verdicts: int) -> Presented:  # noqa: ARG001  (the key)
    return Presented.of(cache.store(), run)


def key_of(runs: Sequence[Presented], rows: Sequence[int]) -> tuple[object, ...]:
    """What the pictures of these examples are made of: another key, other pictures."""
    photos = runs[0].images["path"]
    states = [(str(one.run.folder), one.run.updated_at, one.chosen.id, one.doubted) for one in runs]
    return (*states, *((row, stamp_of(photos[row])) for row in rows))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Presented: lambda _: ""})
def shown(key: tuple[object, ...], runs: list[Presented], rows: list[int], evidence: bool) -> Shown:  # noqa: ARG001
    """The screens; with evidence from the first run's model, which is loaded for it."""
    files: dict[str, bytes] = {}
    model, lacking = None, ""
    if evidence and rows:
        try:
            model = _explainer(runs[0].run)
        except (PatchCoreError, OSError) as error:
            lacking = str(error)

    def put(picture: bytes, place: str) -> str:
        files[place] = picture
        return place

    return Shown(screens(runs, rows, put, READS, model), files, lacking)


def report(runs: Sequence[Presented], examples: Sequence[str], prices: Prices) -> bytes:
    """The runs as one HTML file, with the evidence of the first one where its model can be loaded."""
    try:
        model = _explainer(runs[0].run)
    except (PatchCoreError, OSError):
        model = None  # the page says why
    return report_of(runs, examples, model=model, reads=READS, prices=prices).content


def _explainer(run: Run) -> Explains:
    from patchcore_core.model.evidence.evidence import Explainer  # brings torch

    return Explainer(cache.loaded_model(run))


def candidates(one: Presented) -> list[Candidate]:
    """All images of the run, those that show most first, with small pictures of these."""
    rows = best_and_worst(one.images, one.threshold, PICTURED)
    order = list(dict.fromkeys([*rows, *range(len(one.images))]))
    scores, names, said = one.images["image_score"].tolist(), one.names, headings(one.images, one.threshold)
    small = {row: _small(one, row) for row in order[:PICTURED]}
    return [Candidate(names[row], f"{said[row]} · {score_text(scores[row])}", small.get(row, "")) for row in order]


def served(content: bytes, place: str) -> str:
    """The address of a JPEG on this server; what stood in the same place of this visitor's page is forgotten."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    address = runtime.get_instance().media_file_mgr.add(content, "image/jpeg", place)
    return f"/{base}{address}" if base else address


def _small(one: Presented, row: int) -> str:
    """The address of a small picture of a test image."""
    return media.picture(one.run.id, row, media.key(one.run, one.images, row), "thumbnail")

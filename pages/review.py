"""Review: judge one run. Its curves and operating points, and every test image with what the run saw in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import first_paint, states
from pages.ui.components.mount import in_fragment
from pages.ui.frame import go_to, link_to, page_header
from pages.ui.pickers import run_picker
from pages.ui.review import address as review_address
from pages.ui.review import badges as review_badges
from pages.ui.review import data as review_data
from pages.ui.review import figures as review_figures
from pages.ui.review import filters as review_filters
from pages.ui.review import gallery as review_gallery
from pages.ui.review import keys as review_keys
from pages.ui.review import table as review_table
from pages.ui.review import views as review_views
from pages.ui.review.thresholds import costs as review_costs
from pages.ui.review.thresholds import curves as review_curves
from pages.ui.review.thresholds import operating as review_operating
from pages.ui.review.thresholds import tally as review_tally
from pages.ui.review.thresholds.operating import Decision
from pages.ui.review.verdicts import verdicts as review_verdicts
from pages.ui.review.verdicts import without as review_without
from pages.ui.review.verdicts import words as review_verdict_words
from pages.ui.review.viewer import findings as review_findings
from pages.ui.review.viewer import view as review_view
from pages.ui.review.viewer import viewer as review_viewer
from patchcore_core.errors import PatchCoreError
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.evaluation.causes.causes import Causes
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.of_run import stored_points
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint, manual
from patchcore_core.runs.store import Run

TALL = 640  # pixels, of the gallery beside the viewer
STYLE = """<style>
.st-key-page_header, .st-key-review_level { min-height: 2.5rem; }
.st-key-review_images > :first-child { flex: 1 1 17rem !important; }
.st-key-review_images > :last-child { flex: 5 1 27rem !important; min-width: min(100%, 27rem); }
</style>"""  # room for the buttons that come later; gallery and viewer side by side, else the gallery above


def main() -> None:
    header = page_header("Review", sidebar=True)
    if present := review_address.renamed():
        go_to("review", **present)
    review_address.takes_redraw()  # this run draws everything
    run = run_picker(key="review_run", forget=review_address.FORGET)
    review_address.set_parameter("run", run.id)  # a copied link names its run
    try:
        images = review_data.test_images(run)
        badge_line = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")  # filled further down
        if images.empty:
            review_figures.headlines(run, images)
            _without_test_images(run)
            seen = review_badges.badges(run, images, _default_point(run))
            review_badges.line(badge_line, run, seen)
        else:
            first = first_paint.rest_can_wait(*review_filters.PARAMETERS, *review_costs.PARAMETERS)
            seen = _review(run, images, badge_line, first)
            if first:
                first_paint.draw_rest_when_painted()
                return
        review_badges.in_words(run, seen)
        review_figures.all_figures(run)
        review_figures.published(run)
    except PatchCoreError as error:
        states.say(error, run)
    with header, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        review_views.saved_views(run, review_verdict_words.author())
        review_views.copy_link_button()
        review_keys.help_button()


def _review(run: Run, images: pd.DataFrame, badge_line: DeltaGenerator, first: bool) -> Sequence[Badge]:
    """The operating points, the images as they judge them, and the curves; returns what the figures have seen.

    `first`: what is not needed to see all that stays is left for the next run.
    """
    revision = review_verdicts.revision()
    verdicts = review_verdicts.latest(run, images)
    with st.container():  # what comes and goes has a place of its own, else all that follows would be made anew
        left_out = review_without.toggle(run, images, verdicts)
        instead = None if left_out is None else review_without.figures(run, images, left_out)
        review_figures.headlines(run, images, instead)
    with st.container(border=True), st.grid(2, min_column_width=380, gap="medium") as grid:
        decides, finds = grid.cell(), grid.cell()
    with decides:
        decision = review_operating.operating_points(run, images, first)
    seen = review_badges.badges(run, images, decision.point if decision.chosen else manual(math.nan))
    review_badges.line(badge_line, run, seen)
    table = review_table.table(run, images, decision.point.value, decision.pixel.value, verdicts)
    causes = review_table.causes_of(run, images, decision.point.value)
    with st.sidebar:
        listed = review_filters.unfiltered(table) if first else review_filters.filters(table, causes)
        if not first:
            review_viewer.beside(run)
            review_verdicts.export()
    with finds:
        review_tally.found_and_missed(run, images, decision)
    _images(run, table, listed, decision, causes, revision, first)
    if not first:
        review_curves.all_curves(run, decision)
        review_verdicts.watch(revision)
    return seen


@st.fragment
def _images(run: Run, table: pd.DataFrame, listed: pd.DataFrame, decision: Decision, causes: Causes,
            revision: int, first: bool) -> None:
    """Gallery and viewer: choosing an image redraws only these. `revision`: of the verdicts in the table.

    `first`: what stands below the picture is left for the next run.
    """
    with in_fragment("review_images"):
        if review_address.takes_redraw() or review_verdicts.revision() != revision:
            st.rerun()
        with states.errors_in_place(run):
            _draw_images(run, table, listed, decision, causes, first)


def _draw_images(run: Run, table: pd.DataFrame, listed: pd.DataFrame, decision: Decision, causes: Causes,
                 first: bool) -> None:
    index, order = review_gallery.current(table, listed), listed.index.tolist()
    with st.container(border=True):
        st.html(STYLE)
        with st.container(horizontal=True, gap="small", key="review_images"):
            with st.container():
                with st.container():
                    review_filters.summary_line(listed, table, decision.point.value)
                review_gallery.thumbnails(run, listed, str(table.at[index, "name"]), decision, TALL)
            with st.container():
                review_viewer.title(table, order, index)
                with st.container():
                    review_viewer.changes(run, index)
                review_viewer.outcome(run, table, index, decision)
                with st.container():
                    review_findings.why(causes, index)
                with st.container():
                    review_viewer.panes(run, index, decision)
                if first:
                    return
                with st.container():
                    review_verdicts.panel(run, table, index, lambda: _go_on(table, order, index))
                with st.container():
                    review_findings.regions(run, table, index, decision.pixel.value, review_view.zoom_to)
                review_viewer.ahead(run, table, order, index)


def _go_on(table: pd.DataFrame, order: list[int], index: int) -> None:
    """After a verdict: the next image."""
    following = review_viewer.following(order, index)
    if following is not None:
        review_address.show_image(str(table.at[following, "name"]))


def _default_point(run: Run) -> OperatingPoint:
    """What decides about new images, where there are none here to choose it on."""
    points = stored_points(run.operating_points, "image")
    rule = default_rule({name: point.value for name, point in points.items()})
    return manual(math.nan) if rule is None else points[rule]


def _without_test_images(run: Run) -> None:
    st.info("This run has no test images, so there is nothing to review. Score new images with it on Inspect.",
            icon=":material/image_not_supported:")
    link_to("inspect_image", "Score an image with this run", run=run.id)


main()

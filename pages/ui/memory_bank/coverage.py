"""How well the bank covers its training photos, against its size."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.charts import chart
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from pages.ui.memory_bank import data
from pages.ui.memory_bank.data import Scale
from pages.ui.memory_bank.requests import on_request, photos_of, result_of
from patchcore_core.data.images import shown
from patchcore_core.fitting.bank.coverage import PHOTOS, Measured, farthest_first, measure
from patchcore_core.fitting.bank.photos import spread
from patchcore_core.model.evidence.coverage import Coverage, covering_radius, sizes_up_to
from patchcore_core.runs.store import Run
from patchcore_core.views import bank_plots
from patchcore_core.views.run_names import percent

FLAT_BEFORE = 0.8  # of the rows
NOT_ORDERED = ("The rows of this bank are in no farthest-first order ({}), so its first rows are no smaller "
               "bank of this kind; distances can be measured nonetheless.")


def draw(scale: Scale) -> None:
    """The curve: the covering radius at once, distances of training patches on request."""
    st.subheader("Coverage", anchor=False)
    run, measured = scale.run, _measured(scale.run)
    if measured is None:
        _radius(scale)
        photos = len(spread(len(scale.paths), PHOTOS))
        st.caption(f"The mean distance, and where it flattens, takes {photos} training photos embedded again.")
        measured = on_request(run, "coverage", "Measure distances", lambda model, report: measure(
            photos_of(model, run), data.banks(run).scales, report),
                              about="The network runs on the training photos; a minute at most.")
    if measured is not None:
        _distances(scale, measured)


def _radius(scale: Scale) -> None:
    if not farthest_first(scale.run):
        why = "it goes on from an earlier one" if scale.run.parent else f"sampler {scale.run.config.sampler}"
        st.caption(NOT_ORDERED.format(why))
        return
    sizes, radius = radius_of(scale.run, scale.number)
    if np.isfinite(radius).any():
        _chart(bank_plots.coverage(sizes, {"radius": radius}, scale.patches))
        st.caption("Covering radius: the distance of the training patch that is farthest from the bank, for each "
                   "smaller bank, from the farthest-first order of the rows.")


def _distances(scale: Scale, measured: Measured) -> None:
    curve = measured.scales[scale.number]
    lines = {"farthest": curve.farthest, "mean": curve.mean}
    if np.isfinite(curve.radius).any():
        lines["radius"] = curve.radius
    _chart(bank_plots.coverage(curve.sizes, lines, scale.patches, curve.enough if curve_is_flat(curve) else None))
    st.markdown(suggestion(scale, curve))
    st.caption(f"Distances of patches of {measured.photos} training photos, evenly spread, to the first rows of the "
               "bank. They include the patches that are rows themselves, so a larger bank always looks better.")
    if measured.missing:
        path, cause = measured.missing[0]
        st.caption(f":orange[:material/difference: {len(measured.missing)} training photos are left out; the first, "
                   f"{plain(shown(path))}: {plain(cause)}]")
    link_to("fit", "Fit with another coreset ratio", icon=":material/play_circle:", path=scale.run.dataset)


def suggestion(scale: Scale, curve: Coverage) -> str:
    """Where the curve flattens, in a sentence of Markdown."""
    rows, enough = len(scale.rows), curve.enough
    chosen = f"{rows:,} rows, {percent(rows / scale.patches)} of the patches"
    if curve_is_flat(curve):
        return (f"**Flat from about {enough:,} rows ({percent(enough / scale.patches)})**: beyond them the mean "
                f"distance falls by a twentieth of its whole fall at most. This bank has {chosen}; a smaller one would "
                "cover these photos nearly as well.")
    return (f"**The curve is not flat yet** at the chosen size ({chosen}): a larger coreset ratio would cover the "
            "training photos more closely.")


def curve_is_flat(curve: Coverage) -> bool:
    """Whether it is flat at the chosen size: clearly before it, where only a twentieth of the fall was left."""
    return curve.enough < FLAT_BEFORE * int(curve.sizes[-1])


def _chart(figure: object) -> None:
    chart(figure, key="bank_coverage", alt="Distance of training patches to the bank against the size of the bank")


@cache.of_run(max_entries=8)
def radius_of(run: Run, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Sizes and the covering radius of the bank of a scale."""
    rows = data.banks(run).scales[number].patches
    sizes = sizes_up_to(len(rows))
    return sizes, covering_radius(rows, sizes)


def _measured(run: Run) -> Measured | None:
    found: Measured | None = result_of(run, "coverage")
    return found



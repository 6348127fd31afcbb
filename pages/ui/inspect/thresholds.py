"""Inspect: the thresholds of the address, else those that the run is used with, each with a choice and a slider."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.components.choice import choice
from pages.ui.inspect import address
from pages.ui.inspect.scores import Item, Thresholds
from pages.ui.markdown import plain
from pages.ui.threshold_names import label_of
from pages.ui.used_thresholds import choices, chosen, said
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.thresholds.of_run import (
    ThresholdParameters,
    image_points,
    parameters_of,
    review_starts,
)
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.reviews.chosen_thresholds import CHOSEN
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import threshold_scale

BY_HAND = "Set manually."
NONE_KNOWN = "This run has no threshold: the slider starts at the middle of the scores."
MOST = 1e12  # in any currency
LONGEST = 40  # characters of an unknown name that are repeated


@dataclass(frozen=True)
class Control:
    """One threshold: its parameter in the address, its title, the one in use, the run's own by name with their labels,
    and the scores (N,) that the slider spans."""

    parameter: str
    title: str
    used: InUse
    own: Mapping[str, float]
    labels: Mapping[str, str]
    scores: np.ndarray

    @property
    def named(self) -> dict[str, float]:
        """All that can be chosen, the one in use first."""
        return {**({CHOSEN: self.used.value} if self.used.chosen else {}), **self.own}


def thresholds(run: Run, items: Sequence[Item]) -> Thresholds:
    """Draw the controls. The image threshold is None where the run has none and none was set."""
    own, points = chosen(run, choices()), _image_points(run)
    named = {name: point.value for name, point in points.items() if point.reason is None}
    labels = {name: label_of(name, point.rule) for name, point in points.items()}
    pixels = np.array([item.brief.pixels for item in items]).ravel()  # lowest and highest of each map
    scores = np.append(cache.load_images(run)["image_score"].to_numpy(), [item.brief.image_score for item in items])
    grid = st.grid(2, min_column_width=380, gap="large")
    with grid.cell():
        control = Control("threshold", "Image threshold", in_use(run, own), named, labels, scores)
        image = _draw(control) if control.named else _ask(control)
    with grid.cell():
        pixel = _draw(Control("pixel_threshold", "Pixel threshold", in_use(run, own, "pixel"),
                              of_level(run.thresholds, "pixel"), {}, pixels))
    return Thresholds(image, pixel, _review_from(run, own.review_from, image))


def _draw(control: Control) -> float:
    """Choice, what the threshold rests on, and the slider."""
    scale = threshold_scale(np.append(control.scores, list(control.named.values())))
    usual = control.used.value if math.isfinite(control.used.value) else \
        next(iter(control.named.values()), (scale.low + scale.high) / 2)
    _say_unknown(control)
    value = min(max(address.threshold(control.parameter, control.named, usual), scale.low), scale.high)
    # another slider for another range, which grows with the results: of one with other ends Streamlit forgets the value
    slider = f"inspect_{control.parameter}_{scale.low}_{scale.high}"
    if st.session_state.get(slider) != value:  # unless it is being dragged
        st.session_state[slider] = value
    if control.named:
        labels = {**control.labels, CHOSEN: f"chosen by {control.used.author}"}
        offered = {name: labels.get(name) or label_of(name) for name in control.named}
        choice(control.title, offered, address.name_of(control.parameter, control.named, value),
               key=f"inspect_{control.parameter}_named", unchosen="set manually",
               on_choose=lambda name: address.set_parameter(control.parameter, name))
    st.caption(_explained(control, value))
    st.slider(control.title, scale.low, scale.high, step=scale.step, key=slider, format=f"%.{scale.digits}f",
              on_change=_slide, args=(control.parameter, slider, scale.digits, value),
              label_visibility="collapsed" if control.named else "visible")
    return value


def _ask(control: Control) -> float | None:
    """The threshold of the address, else an empty field."""
    wanted = address.threshold(control.parameter, {}, math.nan)
    value: float | None = st.number_input(
        control.title, value=None if math.isnan(wanted) else wanted, key="inspect_threshold", placeholder="not set",
        help="This run has no good images to set a threshold on; set one manually.")
    return value


def _explained(control: Control, value: float) -> str:
    """What the threshold rests on; where another one than the chosen one is set, also that."""
    name = address.name_of(control.parameter, control.named, value)
    if name == CHOSEN:
        return said(control.used)
    by_hand = BY_HAND if control.named or control.parameter in st.query_params else NONE_KNOWN
    words = (explain_threshold(name) if name else "") or by_hand
    return f"{words} In use elsewhere: {said(control.used)}" if control.used.chosen else words


def _say_unknown(control: Control) -> None:
    """A warning where the address names a threshold that the run does not have."""
    wanted = st.query_params.get(control.parameter, "")
    if wanted and math.isnan(address.threshold(control.parameter, control.named, math.nan)):
        st.warning(plain(f"This run has no threshold {wanted[:LONGEST]!r}; the one in use is shown."),
                   icon=":material/link_off:")


def _slide(parameter: str, key: str, digits: int, drawn: float) -> None:
    """Put a slider's value into the address, unless the browser has only rounded the one that was drawn."""
    value = round(st.session_state[key], digits)
    if value == round(drawn, digits):
        return
    st.session_state[key] = value
    address.set_parameter(parameter, f"{value:.{digits}f}")


def _image_points(run: Run) -> dict[str, OperatingPoint]:
    """The thresholds that Review names, by the parameters in the address."""
    images = cache.load_images(run)
    good = images["image_score"][images["label"] == 0].to_numpy()
    return image_points(run.thresholds, run.operating_points, cache.load_curves(run), run.heldout, good, _parameters())


def _review_from(run: Run, usual: float | None, high: float | None) -> float | None:
    """Where the review zone of the address starts, else the chosen one, below the image threshold."""
    if high is None:
        return None
    images = cache.load_images(run)
    good = images["image_score"][images["label"] == 0].to_numpy()
    starts = review_starts(high, cache.load_curves(run), run.heldout, good, _parameters().costs)
    named = {"none": high, **{name: start.value for name, start in starts.items()}}
    start = address.threshold("review_from", named, math.nan if usual is None else usual)
    return start if start < high else None


def _parameters() -> ThresholdParameters:
    """Those of the address, within the bounds of Review's fields; the usual ones where there are none."""
    return parameters_of(_number("quantile", 50, 99.99) or 99.0, _or(_number("sds", 0, 10), 3.0),
                         _or(_number("fpr", 0, 100), 1.0), _number("escape"), _number("overkill"),
                         _number("defect_rate", 0, 100), _number("look"))


def _number(name: str, low: float = 0, high: float = MOST) -> float | None:
    """A number of the address within these bounds."""
    found = address.threshold(name, {}, math.nan)
    return found if low <= found <= high else None


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value

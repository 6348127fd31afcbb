"""The two threshold controls of Review: named thresholds and a slider, both writing the address."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.ui import review_address as address
from patchcore_core.evaluation.thresholds import Level, default_rule
from patchcore_core.views.ranking import threshold_scale

# name in the run -> what the choice is called, and what it means
NAMED: dict[str, tuple[str, str]] = {
    "good_p99": ("99 % of good images",
                 "The 99th percentile of the scores of good test images: 1 in 100 of them is a false alarm, and of "
                 "fewer than 100 the highest one."),
    "good_max": ("above all good images", "Just above the highest score of a good test image: no false alarm here."),
    "f1_max": ("F1-max (oracle)", "Oracle: has seen the test labels. The threshold with the best F1 on this very "
               "test set; expect less on new images."),
    "pixel_good_p999": ("99.9 % of good pixels",
                        "The 99.9th percentile of the pixel scores of good test images: 1 good pixel in 1000 is "
                        "marked."),
    "pixel_f1_max": ("F1-max of pixels (oracle)", "Oracle: has seen the test masks. The threshold with the best pixel "
                     "F1 on this very test set; expect less on new images."),
}
OWN = "Set by hand."
NONE_KNOWN = "This run knows no threshold, since it has no good test images: this is the middle of the scores."


def image_thresholds(thresholds: Mapping[str, float]) -> dict[str, float]:
    """The run's named thresholds for images, in the order in which they are offered."""
    return _in_order({name: value for name, value in thresholds.items() if not name.startswith("pixel_")})


def pixel_thresholds(thresholds: Mapping[str, float]) -> dict[str, float]:
    """The run's named thresholds for pixels."""
    return _in_order({name: value for name, value in thresholds.items() if name.startswith("pixel_")})


def threshold_control(parameter: str, title: str, named: Mapping[str, float], scores: np.ndarray) -> float:
    """Draw the control and return the threshold; `parameter` is its name in the address.

    The slider spans `scores` and the named values. The default is that of `default_rule`; without one the slider
    has to stand somewhere, and the caption says so.
    """
    scale = threshold_scale(np.append(scores, list(named.values())))
    level: Level = "pixel" if parameter.startswith("pixel") else "image"
    rule = default_rule(named, level)
    default = named[rule] if rule else (scale.low + scale.high) / 2
    value = min(max(address.threshold(parameter, named, default), scale.low), scale.high)
    name = address.name_of(parameter, named, value)
    slider, choice = f"review_{parameter}", f"review_{parameter}_named"
    _follow(slider, value)
    _follow(choice, name)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if named:
            _named_choice(parameter, title, named, choice)
        by_hand = bool(named) or parameter in st.query_params
        st.caption(NAMED[name][1] if name in NAMED else OWN if by_hand else NONE_KNOWN)
    st.slider(title, scale.low, scale.high, step=scale.step, key=slider, format=f"%.{scale.digits}f",
              on_change=_slide, args=(parameter, slider, scale.digits),
              label_visibility="collapsed" if named else "visible")
    return value


def _named_choice(parameter: str, title: str, named: Mapping[str, float], key: str) -> None:
    st.segmented_control(title, list(named), key=key, on_change=_choose, args=(parameter, key), required=True,
                         format_func=lambda name: NAMED.get(name, (name, ""))[0])


def _in_order(thresholds: Mapping[str, float]) -> dict[str, float]:
    """Finite ones, the known ones first."""
    names = [*(name for name in NAMED if name in thresholds), *(name for name in thresholds if name not in NAMED)]
    return {name: thresholds[name] for name in names if np.isfinite(thresholds[name])}


def _follow(key: str, value: object) -> None:
    """Give a widget the value of the address, but leave it alone where it has it: it may be in motion."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _choose(parameter: str, key: str) -> None:
    if st.session_state[key]:
        address.set_parameter(parameter, st.session_state[key])
    address.ask_redraw()


def _slide(parameter: str, key: str, digits: int) -> None:
    value = round(st.session_state[key], digits)
    st.session_state[key] = value
    address.set_parameter(parameter, f"{value:.{digits}f}")
    address.ask_redraw()

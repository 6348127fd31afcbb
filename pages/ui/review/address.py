"""The address of the Review page, so that a copied link opens the same view.

`run`, `image` and the thresholds are read and written here, what is chosen in the viewer in viewer/view.py; filters are
widgets bound to the address by Streamlit. A threshold is a number or the name of one of the run's thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

RENAMED = {  # parameter -> former words of its options, which links and saved views of earlier versions have
    "outcome": {"hit": "true positive", "miss": "missed defect (FN)", "false alarm": "false alarm (FP)",
                "correctly good": "true negative"},
    "cause": {"localised well, but below the image threshold": "localised; score below the NG threshold",
              "peak outside the mask": "maximum outside the ground truth",
              "nearly the same photo as a training image": "near-duplicate of a training image"},
    "verdict": {"agree": "label correct"},
}  # fmt: skip
FORGET = ("image", "threshold", "pixel_threshold", "review_from", "zoom", "limits")  # mean nothing for another run


def renamed() -> dict[str, list[str]] | None:
    """The whole address with the present words in place of former ones; None if it has none of those."""
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    present = {name: [RENAMED.get(name, {}).get(word, word) for word in words] for name, words in given.items()}
    return None if present == given else present


def threshold(parameter: str, named: Mapping[str, float], default: float) -> float:
    """The threshold in the address: a number, one of the `named`, or the default where it is neither."""
    wanted = st.query_params.get(parameter, "")
    if wanted in named:
        return named[wanted]
    try:
        number = float(wanted)
    except ValueError:
        return default
    return number if math.isfinite(number) else default


def name_of(parameter: str, named: Mapping[str, float], value: float) -> str | None:
    """The name of this threshold: the one in the address, else any of the same value, else None."""
    same = [name for name, threshold in named.items() if threshold == value]
    wanted = st.query_params.get(parameter, "")
    return wanted if wanted in same else next(iter(same), None)


def set_threshold(parameter: str, named: Mapping[str, float], value: float) -> None:
    """Put a threshold into the address: by its name where it has one, else as the shortest number that is the same."""
    set_parameter(parameter, name_of(parameter, named, value) or repr(float(value)))


def set_parameter(parameter: str, value: str) -> None:
    """Put one value into the address."""
    st.query_params[parameter] = value


def forget(parameter: str) -> None:
    """Take one value out of the address."""
    st.query_params.pop(parameter, None)


def show_image(name: str) -> None:
    """Make the image of this name the current one, seen as a whole."""
    set_parameter("image", name)
    forget("zoom")


def ask_redraw() -> None:
    """From a callback within a fragment: what it changed is also shown outside the fragment."""
    st.session_state["review_redraw"] = True


def takes_redraw() -> bool:
    """Whether a redraw was asked for since the last call."""
    return bool(st.session_state.pop("review_redraw", False))

"""The thresholds in the address of Inspect: each a number or the name of one of the run's thresholds, as on Review."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st


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

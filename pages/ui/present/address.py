"""The address of Present: `run`, `with` (further runs), `screen`, `example` (repeated, in their order), and the prices
`escape`, `overkill`, `defect_rate`, as on Review."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from patchcore_core.views.present.money import Prices

FORGET = ("screen", "example", "with")  # mean nothing for another run
USUAL = Prices()
NAMES = {"escape": "escape", "overkill": "overkill", "rate": "defect_rate"}  # field -> parameter


def set_run(run: str) -> None:
    """Present this run."""
    st.query_params["run"] = run


def screen() -> str:
    """The name of the screen, "" for the first."""
    return st.query_params.get("screen", "")


def set_screen(name: str) -> None:
    """Show this screen."""
    st.query_params["screen"] = name


def examples() -> list[str]:
    """The names of the examples in their order; [] for the usual ones."""
    return st.query_params.get_all("example")


def set_examples(names: Sequence[str]) -> None:
    """Show these examples."""
    st.query_params["example"] = list(names)


def prices() -> Prices:
    """The prices in the address, the usual ones for those that are not there or are none."""
    found = {name: getattr(USUAL, name) for name in NAMES}
    for name, parameter in NAMES.items():
        with suppress(ValueError):
            found[name] = getattr(Prices(**{**found, name: float(st.query_params.get(parameter, ""))}), name)
    return Prices(**found)


def set_prices(typed: Prices) -> None:
    """Compute with these prices."""
    for name, parameter in NAMES.items():
        st.query_params[parameter] = f"{getattr(typed, name):.12g}"


def others() -> list[str]:
    """The ids of the further runs."""
    return [name for name in st.query_params.get("with", "").split(",") if name]


def set_others(ids: Sequence[str]) -> None:
    """Compare with these runs."""
    if ids:
        st.query_params["with"] = ",".join(ids)
    else:
        st.query_params.pop("with", None)

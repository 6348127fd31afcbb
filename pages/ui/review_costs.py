"""Review: the numbers behind the methods of the operating point, and the costs. All of them stand in the address."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from pages.ui import review_address as address
from patchcore_core.evaluation.offers import Wishes, wishes_of

POPOVER = "review_costs"


@dataclass(frozen=True)
class Number:
    """A number that can be set: its `label`, its range, what it is where nobody set it, and `told`, its meaning."""

    label: str
    low: float
    high: float | None
    usual: float | None
    told: str
    step: float | None = None


METHODS = {
    "quantile": Number("Quantile of good images, %", 50.0, 99.99, 99.0, "So many good images lie below the threshold.",
                       0.5),
    "sds": Number("Standard deviations", 0.0, 10.0, 3.0, "k of mean + k sd.", 0.5),
    "fpr": Number("Largest FPR, %", 0.0, 100.0, 1.0, "At most so many of the good images are false alarms.", 0.5),
}
COSTS = {
    "escape": Number("Cost of an escape", 0.0, None, None, "A defective part that passes."),
    "overkill": Number("Cost of an overkill", 0.0, None, None, "A good part that is rejected."),
    "defect_rate": Number("Defective parts, %", 0.0, 100.0, None,
                          "How many of the parts in production are defective; the test set does not tell."),
    "look": Number("Cost of a look", 0.0, None, None, "A person looks at a part of the review zone."),
}  # fmt: skip
NUMBERS = METHODS | COSTS


def wishes() -> Wishes:
    """What the address asks for; what is no number there, or out of its range, is as if it were not there."""
    quantile, sds, fpr = (float(_value(name) or 0) for name in METHODS)  # these have a usual value
    return wishes_of(quantile, sds, fpr, *(_value(name) for name in COSTS))


@st.fragment
def popover() -> None:
    """A popover to set the numbers; its fields exist only while it is open."""
    if address.takes_redraw():
        st.rerun()
    fold = st.popover("Methods and costs", icon=":material/tune:", type="tertiary", key=POPOVER, on_change="rerun")
    if not fold.open:
        return  # seven fields take the browser a tenth of a second
    with fold, st.container(width=330):
        st.markdown("**Numbers of the methods**")
        _fields(METHODS, 3)
        st.markdown("**Costs in production**, in any unit of money")
        _fields(COSTS, 2)


def _fields(numbers: dict[str, Number], columns: int) -> None:
    with st.grid(columns, min_column_width=130, gap="small") as grid:
        for name, number in numbers.items():
            st.session_state[_key(name)] = _value(name)
            with grid.cell():
                st.number_input(number.label, number.low, number.high, value=None, step=number.step, key=_key(name),
                                help=number.told, on_change=_set, args=(name,))  # fmt: skip


def _set(name: str) -> None:
    value, usual = st.session_state[_key(name)], NUMBERS[name].usual
    if value is None or value == usual:
        address.forget(name)
    else:
        address.set_parameter(name, f"{value:.12g}")
    address.ask_redraw()


def _value(name: str) -> float | None:
    number = NUMBERS[name]
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        return number.usual
    inside = number.low <= value <= (math.inf if number.high is None else number.high)
    return value if inside and math.isfinite(value) else number.usual


def _key(name: str) -> str:
    return f"review_{name}"

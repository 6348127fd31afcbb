"""Review: the numbers behind the methods of the operating point, and the costs; widgets bound to the address."""

from __future__ import annotations

import streamlit as st

from patchcore_core.evaluation.thresholds.of_run import ThresholdParameters, parameters_of

PARAMETERS = ("quantile", "sds", "fpr", "escape", "overkill", "defect_rate", "look")
QUANTILE, DEVIATIONS, LARGEST_FPR = 99.0, 3.0, 1.0


def unset() -> ThresholdParameters:
    """What `popover` returns where none of `PARAMETERS` is in the address; nothing is drawn."""
    return parameters_of(QUANTILE, DEVIATIONS, LARGEST_FPR, None, None, None, None)


def popover() -> ThresholdParameters:
    """Draw the popover and return what is set there."""
    with st.popover("Methods and costs", icon=":material/tune:", type="tertiary"), st.container(width=330):
        st.markdown("**Numbers of the methods**")
        with st.grid(3, min_column_width=130, gap="small") as grid:
            with grid.cell():
                share = st.number_input("Quantile of good images, %", 50.0, 99.99, QUANTILE, 0.5, key="quantile",
                                        bind="query-params", help="So many good images lie below the threshold.")
            with grid.cell():
                k = st.number_input("Standard deviations", 0.0, 10.0, DEVIATIONS, 0.5, key="sds", bind="query-params",
                                    help="k of mean + k sd.")
            with grid.cell():
                fpr = st.number_input("Largest FPR, %", 0.0, 100.0, LARGEST_FPR, 0.5, key="fpr", bind="query-params",
                                      help="At most so many of the good images are false alarms.")
        st.markdown("**Costs in production**, in any unit of money")
        with st.grid(2, min_column_width=130, gap="small") as grid:
            with grid.cell():
                escape = st.number_input("Cost of an escape", 0.0, value=None, key="escape", bind="query-params",
                                         help="A defective part that passes.")
            with grid.cell():
                overkill = st.number_input("Cost of an overkill", 0.0, value=None, key="overkill", bind="query-params",
                                           help="A good part that is rejected.")
            with grid.cell():
                rate = st.number_input("Defective parts, %", 0.0, 100.0, None, key="defect_rate", bind="query-params",
                                       help="How many of the parts in production are defective; the test set does not "
                                            "tell.")
            with grid.cell():
                look = st.number_input("Cost of a look", 0.0, value=None, key="look", bind="query-params",
                                       help="A person looks at a part of the review zone.")
    return parameters_of(share or QUANTILE, DEVIATIONS if k is None else k, LARGEST_FPR if fpr is None else fpr, escape,
                     overkill, rate, look)

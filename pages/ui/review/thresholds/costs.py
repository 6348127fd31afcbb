"""Review: parameters of the threshold methods, and costs; widgets bound to the address."""

from __future__ import annotations

import streamlit as st

from patchcore_core.evaluation.thresholds.of_run import ThresholdParameters, parameters_of

PARAMETERS = ("quantile", "sds", "fpr", "escape", "overkill", "defect_rate", "look")
QUANTILE, DEVIATIONS, LARGEST_FPR = 99.0, 3.0, 1.0


def unset() -> ThresholdParameters:
    """The defaults, as `popover` returns them where none of `PARAMETERS` is in the address; draws nothing."""
    return parameters_of(QUANTILE, DEVIATIONS, LARGEST_FPR, None, None, None, None)


def popover() -> ThresholdParameters:
    """Draw the popover and return its values."""
    with st.popover("Methods and costs", icon=":material/tune:", type="tertiary"), st.container(width=330):
        st.markdown("**Threshold parameters**")
        with st.grid(3, min_column_width=130, gap="small") as grid:
            with grid.cell():
                share = st.number_input("Quantile of good images, %", 50.0, 99.99, QUANTILE, 0.5, key="quantile",
                                        bind="query-params", help="Percentage of good images below the threshold.")
            with grid.cell():
                k = st.number_input("Standard deviations", 0.0, 10.0, DEVIATIONS, 0.5, key="sds", bind="query-params",
                                    help="k of mean + k sd.")
            with grid.cell():
                fpr = st.number_input("Largest FPR, %", 0.0, 100.0, LARGEST_FPR, 0.5, key="fpr", bind="query-params",
                                      help="At most this percentage of good images are false alarms.")
        st.markdown("**Costs in production**, in any currency")
        with st.grid(2, min_column_width=130, gap="small") as grid:
            with grid.cell():
                escape = st.number_input("Cost per missed defect", 0.0, value=None, key="escape", bind="query-params",
                                         help="A defective part that is accepted.")
            with grid.cell():
                overkill = st.number_input("Cost per false reject", 0.0, value=None, key="overkill",
                                           bind="query-params", help="A good part that is rejected.")
            with grid.cell():
                rate = st.number_input("Defect rate, %", 0.0, 100.0, None, key="defect_rate", bind="query-params",
                                       help="Percentage of defective parts in production; unknown from the test set.")
            with grid.cell():
                look = st.number_input("Cost per manual check", 0.0, value=None, key="look", bind="query-params",
                                       help="Manual inspection of a part in the review zone.")
    return parameters_of(share or QUANTILE, DEVIATIONS if k is None else k, LARGEST_FPR if fpr is None else fpr, escape,
                     overkill, rate, look)

"""Plotly figures with labels that can be read on the page's background, light or dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

LABEL = {"light": "#4A5157", "dark": "#B9C0C6"}  # contrast over 7 : 1 with the background of either theme


def chart(figure: Any, *, key: str, alt: str, on_click: bool = False,
          on_box: Callable[[], None] | None = None) -> Any:  # fmt: skip
    """Draw a plotly figure; Streamlit's own labels have a contrast of 3.7 : 1 on a light page. With `on_click` a click
    on a point runs the page again, and `clicked` says on which. `on_box` is called when boxes were drawn or taken away,
    and finds them in the session."""
    answers: dict[str, Any] = {"on_select": "rerun", "selection_mode": ["points"]} if on_click else {}
    if on_box is not None:
        figure.update_layout(dragmode="select")
        answers = {"on_select": on_box, "selection_mode": ["box"]}
    return st.plotly_chart(with_labels(figure, LABEL[st.context.theme.type or "light"]), key=key, alt=alt,
                           config={"displayModeBar": False}, **answers)


def clicked(event: Any) -> str:
    """The text that the clicked point carries as its `customdata`; "" without one."""
    points = event.selection.points if event and event.selection else []
    found = points[0].get("customdata") if points else None
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, str) else ""


def with_labels(figure: Any, colour: str) -> Any:
    """The figure with axes, legend, annotations and texts beside its marks in this colour."""
    font = {"color": colour}
    figure.update_layout(font=font, legend={"font": font})
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(tickfont=font, title={"font": font})
    figure.update_annotations(font=font)
    for kind in ("bar", "scatter"):
        figure.update_traces(textfont=font, selector={"type": kind})
    return figure

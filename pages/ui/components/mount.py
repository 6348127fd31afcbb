"""How a widget of patchcore_core/views/web becomes a component of Streamlit: one script, no build step, nothing remote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from patchcore_core.views import web

_FACE = (Path(__file__).parent / "streamlit.js").read_text(encoding="utf-8")


def component(widget: str, *, states: Sequence[str] = (), css: str = "") -> Callable[..., Any]:
    """Streamlit's mounting function for this widget ("gallery", "workspace/post").

    Of what it tells, `states` stay in the session under their names; all else is a trigger. `css` says where on the
    page it stands, by `:host`.
    """
    js = f"{web.flattened(widget)}{_FACE}export default face(widget, {json.dumps(list(states))});\n"
    name, styles = f"patchcore_{widget.replace('/', '_')}", web.css(widget) + css
    return st.components.v2.component(name, html='<div class="widget"></div>', css=styles or None, js=js)

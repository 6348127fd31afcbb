"""How a component of our own is declared: NAME.js and NAME.css beside this file, no build step, nothing remote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


def component(name: str, html: str) -> Callable[..., Any]:
    """Streamlit's mounting function for the component of this name with `html` inside."""
    css, js = ((_FOLDER / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return st.components.v2.component(f"patchcore_{name}", html=html, css=css, js=js)

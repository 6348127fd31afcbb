"""How a component of our own is declared: NAME.js and NAME.css beside this file, no build step, nothing remote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


def component(name: str, html: str, *, before: Sequence[str] = ()) -> Callable[..., Any]:
    """Streamlit's mounting function for the component of this name with `html` inside.

    `before` names further scripts beside this file whose top level NAME.js uses; together they are one module.
    """
    css = (_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    js = "\n".join((_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in (*before, name))
    return st.components.v2.component(f"patchcore_{name}", html=html, css=css, js=js)

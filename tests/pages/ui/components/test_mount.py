"""How a widget becomes a component of Streamlit."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from pages.ui.components import mount


def test_a_widget_is_one_script_that_says_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, **given: made.update(given, name=name))
    mount.component("workspace/post", states=("outbox",))
    assert made["name"] == "patchcore_workspace_post"
    assert made["js"].endswith('export default face(widget, ["outbox"]);\n')
    assert "import " not in made["js"].replace("@import", "")
    assert made["css"] is None

"""What a browser says was chosen is believed only where it was offered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import streamlit as st

from pages.ui.components.choice import _choose


@pytest.mark.parametrize(("said", "believed"), [("b", ["b"]), ("", []), ("c", []), (None, []), (["b"], []), (1, [])])
def test_only_what_is_offered_can_be_chosen(monkeypatch, said, believed):
    chosen = []
    monkeypatch.setattr(st, "session_state", {"run": SimpleNamespace(chosen=said)})
    _choose("run", frozenset({"a", "b"}), chosen.append)
    assert chosen == believed

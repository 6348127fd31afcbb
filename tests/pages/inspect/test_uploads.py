"""What is dropped onto Inspect at once: hundreds of files, and uploads that are refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from pages.ui.inspect import input as inspect_input
from pages.ui.media.refused import Refusals
from tests.pages.inspect.uploading import MakeRun
from tests.pages.reading import read


def files(count: int) -> list[Any]:
    """Uploads as Streamlit has them, each of another content."""
    return [SimpleNamespace(file_id=str(number), name=f"{number}.png", getvalue=lambda number=number: b"%d" % number)
            for number in range(count)]


def test_five_hundred_files_at_once_are_all_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(st, "warning", lambda words, **_: said.append(words))
    found = inspect_input._collected(files(500), "")
    assert [one.name for one in found] == [f"{number}.png" for number in range(500)]
    assert said == []
    assert len(inspect_input._collected(files(1100), "")) == inspect_input.MOST_IMAGES
    assert "The first 1000 of 1,100 images are scored" in said[0]


def test_why_an_upload_was_refused_is_said(
    make_run: MakeRun, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Refusals()
    monkeypatch.setattr(known, "of", lambda session: f"no room for {session}" if session else "")
    monkeypatch.setattr(inspect_input, "refusals", lambda: known)
    assert "An upload was refused: no room for " in read(open_page("inspect_image", run=make_run().id))

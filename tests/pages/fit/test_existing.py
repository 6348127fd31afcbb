"""Fits that exist already are named before the click; a refused folder comes with the command that allows it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pages.ui import access
from pages.ui.fit import form as fit_form
from patchcore_core.config import PatchCoreConfig
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read

CONFIG = PatchCoreConfig(image_size=32)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`offered(config, …)`: the page's form yields these configurations."""
    return lambda *configs: monkeypatch.setattr(fit_form, "pick_configurations", lambda: fit_form.Grid(configs))


def labels(app: Any) -> list[str]:
    return [button.label for button in app.button]


def test_the_run_of_these_images_and_settings_is_named_and_opened(
    make_run: Callable[..., Run], open_page: Any, offered: Callable[..., None]
) -> None:
    run = make_run()
    offered(CONFIG)
    app = open_page("fit")
    assert "fitted with these settings already" in read(app)
    assert run.id[-4:] in read(app)
    assert "Fit" not in labels(app)
    next(button for button in app.button if button.label == "Open the existing run").click().run()
    assert app.query_params["run"] == run.id
    assert app.title[0].value == "Review"


def test_a_running_fit_of_the_same_is_named(
    make_run: Callable[..., Run], open_page: Any, offered: Callable[..., None]
) -> None:
    make_run("running")
    offered(CONFIG)
    app = open_page("fit")
    assert "are being fitted with these settings now" in read(app)
    assert "Show the running fit" in labels(app)


@pytest.mark.parametrize("status", ["failed", "cancelled", "lost"])
def test_a_fit_that_did_not_finish_is_none(
    status: str, make_run: Callable[..., Run], open_page: Any, offered: Callable[..., None]
) -> None:
    make_run(status)
    offered(CONFIG)
    assert "Fit" in labels(open_page("fit"))


def test_another_photo_of_the_same_name_is_another_fit(
    make_run: Callable[..., Run], open_page: Any, offered: Callable[..., None], data_root: Path
) -> None:
    make_run()
    good = sorted((data_root / "tile/train/good").iterdir())
    good[0].write_bytes(good[1].read_bytes())
    offered(CONFIG)
    assert "Fit" in labels(open_page("fit"))


def test_of_several_only_what_is_missing_is_fitted(
    make_run: Callable[..., Run], open_page: Any, offered: Callable[..., None]
) -> None:
    make_run()
    offered(CONFIG, PatchCoreConfig(image_size=32, num_neighbors=2))
    app = open_page("fit")
    assert "1 of these 2 fits exist already" in read(app)
    assert "Fit 1 of 2 runs" in labels(app)


def test_what_is_chosen_stands_beside_the_button(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    said = next(caption.value for caption in open_page("fit").caption if caption.value.startswith("**tile**"))
    assert "6 good images · preset quick" in said
    assert "10 %" in said
    assert "disk" in said


@pytest.mark.parametrize("name", ["parts", "my parts; rm -rf ~", "it's"])
def test_the_command_beside_a_refusal_allows_the_folder(
    name: str, store: RunStore, open_page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    folder = tmp_path / "elsewhere" / name
    folder.mkdir(parents=True)
    app = open_page("fit", path=str(folder))
    assert "outside the folders" in read(app)
    assignment, *rest = shlex.split(app.code[0].value)
    assert rest == ["streamlit", "run", "app.py"]
    before = access.allowed_roots()
    monkeypatch.setenv(*assignment.split("=", 1))
    assert access.allowed(folder) == Path(os.path.realpath(folder))
    assert set(before) <= set(access.allowed_roots())

"""Every page of a store that was there and is gone: one sentence, nothing made, and all is back once it is."""

from collections.abc import Callable
from typing import Any

import pytest

from patchcore_core.jobs import first_start
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read

GONE = "the runs that were there are gone"


@pytest.mark.parametrize("page", [
    "overview", "fit", "review", "compare", "inspect_image", "present", "memory_bank", "training_photos",
])  # fmt: skip
@pytest.mark.parametrize("status", ["finished", "running"])
def test_a_store_that_is_gone_is_one_sentence_on_every_page(
    make_run: Callable[..., Run], store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch, page: str,
    status: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(first_start, "fit_sample", lambda *_: pytest.fail("the sample was fitted"))
    run = make_run(status)
    address = {"compare": {"runs": run.id}, "fit": {"jobs": run.id}}.get(page, {"run": run.id})
    app = open_page(page, **address)
    before = read(app)
    assert not app.exception
    store.root.rename(store.root.with_name("away"))
    store.root.mkdir()
    app.run()
    assert not app.exception
    assert read(app).count(GONE) == 1
    assert list(store.root.iterdir()) == []
    store.root.rmdir()
    store.root.with_name("away").rename(store.root)
    app.run()
    assert not app.exception
    assert GONE not in read(app)
    if status == "finished":
        assert read(app) == before


def test_a_folder_that_is_not_there_is_one_sentence(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_start, "fit_sample", lambda *_: pytest.fail("the sample was fitted"))
    monkeypatch.setenv("PATCHCORE_RUNS", str(store.root / "runs"))
    app = open_page("overview")
    assert not app.exception
    assert f"the folder {store.root} does not exist" in read(app)
    assert not store.root.exists()

"""Runs whose records somebody has changed, on the pages: each is shown, or named with its cause, beside the others."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.ui.format import run_label, runs_table
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.run_names import settings as settings_in_words
from tests.pages.reading import read
from tests.runs.mutate import mutations

FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])

PAGES = ("overview", "review", "compare", "inspect_image", "present", "memory_bank", "training_photos")


def rewrite(run: Run, record: object) -> None:
    (run.folder / "run.json").write_text(json.dumps(record), encoding="utf-8", errors="surrogatepass")


@MANY
@given(data=st.data())
def test_any_record_has_its_row(make_run: Callable[..., Run], store: RunStore, data: st.DataObject) -> None:
    run = next(iter(store.list()), None) or make_run(trusted=True)
    original = (run.folder / "run.json").read_text()
    try:
        rewrite(run, data.draw(mutations(json.loads(original))))
        listed = store.list()
        table = runs_table(listed)
        assert table["run"].tolist() == [run.id]
        assert [run_label(found) and settings_in_words(found.config) for found in listed]
        table.to_json(default_handler=str, date_format="iso")
    finally:
        (run.folder / "run.json").write_text(original)


@FEW
@given(data=st.data())
@pytest.mark.parametrize("page", PAGES)
def test_any_record_leaves_every_page_standing(
    make_run: Callable[..., Run], store: RunStore, open_page: Any, page: str, data: st.DataObject
) -> None:
    runs = store.list() or (make_run(trusted=True), make_run(trusted=True, seed=1))
    run, other = sorted(runs if len(runs) > 1 else store.list(), key=lambda run: run.id)
    original = (run.folder / "run.json").read_text()
    try:
        rewrite(run, data.draw(mutations(json.loads(original))))
        app = open_page(page, **({"runs": f"{run.id},{other.id}"} if page == "compare" else {"run": run.id}))
        assert not app.exception, [error.value for error in app.exception]
        if page == "overview":
            assert set(app.dataframe[0].value["run"]) == {run.id, other.id}
        elif page == "review" and store.get(run.id).broken:
            assert str(run.folder / "run.json") in read(app)
    finally:
        (run.folder / "run.json").write_text(original)


@pytest.mark.parametrize("name", ["images.csv", "curves.npz", "anomaly_maps.npy"])
@pytest.mark.parametrize("page", ["review", "compare"])
def test_a_damaged_file_is_named_on_the_page(
    make_run: Callable[..., Run], open_page: Any, page: str, name: str
) -> None:
    run, other = make_run(trusted=True), make_run(trusted=True, seed=1)
    path: Path = run.folder / name
    path.write_bytes(b"\x93NUMPY" + bytes(path.stat().st_size - 6))
    app = open_page(page, **({"runs": f"{run.id},{other.id}"} if page == "compare" else {"run": run.id}))
    assert not app.exception, [error.value for error in app.exception]
    if page == "review":
        assert name in read(app)


@pytest.mark.parametrize("page", PAGES)
def test_half_characters_leave_every_page_standing(
    make_run: Callable[..., Run], store: RunStore, open_page: Callable[..., Any], page: str
) -> None:
    run = make_run(trusted=True)
    record = json.loads((run.folder / "run.json").read_text())
    record["category"] = "\udc80"
    rewrite(run, record)
    assert runs_table(store.list())["category"].tolist() == ["\\udc80"]
    assert not open_page(page, run=run.id).exception
    assert "\\udc80" in settings_in_words(dataclasses.replace(run.config, backbone="\udc80"))

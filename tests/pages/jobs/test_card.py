"""A sweep on Fit and Overview: how far it is, and what is done with its jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.jobs import card
from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.job import Wanted
from patchcore_core.jobs.queue_file import path_of
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read


@pytest.fixture(autouse=True)
def _nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start_workers", lambda _: None)


@pytest.fixture
def sweep(store: RunStore, make_run: Callable[..., Run]) -> list[str]:
    """Four runs of a sweep that wait, the first of them finished."""
    runs = [make_run("queued", coreset_ratio=ratio).id for ratio in (0.1, 0.2, 0.3, 0.4)]
    queue.add(store, [Wanted(name, seconds=60.0) for name in runs], "sweep-1")
    store.close(runs[0], "failed", "no memory")
    queue.end(store, runs[0], "failed", "no memory")
    return runs


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_it_is_watched_half_of_it_cancelled_and_resumed(sweep: list[str], store: RunStore, open_page: Any) -> None:
    app = open_page("fit", jobs=",".join(sweep))
    assert not app.exception
    assert "**Sweep sweep-1** · 0 of 4 finished, 3 waiting, 1 failed, about 3 min left" in read(app)
    assert "waiting, 1 before it" in read(app)
    assert "This run failed: no memory" in read(app)
    app.button(f"cancel_{sweep[2]}").click().run()
    app.button(f"cancel_{sweep[3]}").click().run()
    assert [store.get(name).status for name in sweep] == ["failed", "queued", "cancelled", "cancelled"]
    assert "1 waiting, 1 failed, 2 cancelled" in read(app)
    press(app, "Retry 3")
    assert [store.get(name).status for name in sweep] == ["queued"] * 4
    assert "4 waiting" in read(app)
    press(app, "Pause")
    assert "4 paused" in read(app)
    assert "Pause" not in labels(app)
    press(app, "Resume 4")
    press(app, "Cancel 4")
    assert [store.get(name).status for name in sweep] == ["cancelled"] * 4
    assert not app.exception


def test_another_sweep_that_waits_before_it_can_be_overtaken(
    sweep: list[str], make_run: Callable[..., Run], store: RunStore, open_page: Any
) -> None:
    other = make_run("queued", seed=7).id
    queue.add(store, [Wanted(other)], "sweep-2")
    app = open_page("fit", jobs=other)
    assert "waiting, 3 before it" in read(app)
    press(app, "Compute first")
    assert "waiting to start" in read(app)
    assert queue.jobs_of(store)[0].run == other
    assert "Compute first" not in labels(open_page("fit", jobs=other))
    assert len(sweep) == 4


def test_overview_shows_it_while_it_is_computed_and_what_it_lacks_afterwards(
    sweep: list[str], make_run: Callable[..., Run], store: RunStore, open_page: Any
) -> None:
    make_run(seed=5)
    app = open_page("overview")
    assert "Sweep sweep-1" in read(app)
    jobs.cancel_all(store, sweep)
    app = open_page("overview")
    assert "Jobs that did not finish: 4" in [expander.label for expander in app.expander]
    assert "0 of 4 finished, 1 failed, 3 cancelled" in read(app)
    assert "Retry 4" in labels(app)


def test_a_queue_that_cannot_be_read_is_said_and_hides_no_run(
    sweep: list[str], make_run: Callable[..., Run], store: RunStore, open_page: Any
) -> None:
    make_run(seed=5)
    with closing(sqlite3.connect(path_of(store.root))) as connection:
        connection.execute("PRAGMA user_version = 99")
    for page, named, shown in (("overview", {}, "40 %"), ("fit", {"jobs": ",".join(sweep)}, "failed: no memory")):
        app = open_page(page, **named)
        assert not app.exception
        assert "was written by another version of PatchCore Explorer" in read(app)
        assert shown in read(app)


def test_of_a_large_sweep_those_that_matter_most_have_a_line(
    sweep: list[str], store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "ROWS", 2)
    queue.pause(store, sweep[3:])
    app = open_page("fit", jobs=",".join(sweep))
    assert "This run failed: no memory" in read(app)
    assert "paused" in read(app)
    assert "2 more that are waiting or have ended" in read(app)


def test_a_read_only_installation_has_no_buttons(
    sweep: list[str], open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    app = open_page("fit", jobs=",".join(sweep))
    assert not app.exception
    assert not {"Pause", "Cancel 3", "Retry 1"} & {*labels(app)}

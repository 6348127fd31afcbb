"""Without a terminal each run is said as it ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from patchcore_core.cli.fits import follow as followed
from patchcore_core.cli.fits.follow import follow
from patchcore_core.jobs.how_far import how_far
from patchcore_core.jobs.job import FAILED, FINISHED, RUNNING, WAITING, Job
from patchcore_core.runs.store import RunStore


def waiting(run_id: str) -> Job:
    return Job(0, run_id, "", 0, WAITING, 0, "", None, 0, 10.0, math.nan, "", "", None, "")


@pytest.fixture
def turns(
    store: RunStore, draft: Callable, finish: Callable, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, str], list[Callable[[], None]]]:
    """Titles of three runs, and what happens to them between two looks: one is done, one fails, one is done."""
    writers = [store.begin(draft(identity=str(number), status="queued")) for number in range(3)]
    jobs = {writer.run.id: waiting(writer.run.id) for writer in writers}
    first, second, third = jobs

    def done(writer: Any) -> None:
        finish(writer, metrics={"image_auroc": 0.9876}, seconds={"total": 41.52})

    def end(run_id: str, **now: Any) -> None:
        jobs[run_id] = replace(jobs[run_id], **now)

    monkeypatch.setattr(followed.queue, "jobs_named", lambda *_: list(jobs.values()))
    return {first: "tile seed=0", second: "tile seed=1", third: "tile seed=2"}, [
        lambda: end(first, state=RUNNING),
        lambda: (done(writers[0]), end(first, state=FINISHED, took=10.0)),
        lambda: (writers[1].update(status=FAILED, error="no room"), end(second, state=FAILED, error="no room")),
        lambda: (done(writers[2]), end(third, state=FINISHED, took=10.0)),
    ]  # fmt: skip


def test_each_run_is_said_as_it_ends(store: RunStore, turns: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    titles, steps = turns
    said: list[str] = []

    def sleep(_: float) -> None:
        said.append(capsys.readouterr().err)
        steps.pop(0)()

    monkeypatch.setattr(followed.time, "sleep", sleep)
    follow(store, titles)
    said.append(capsys.readouterr().err)
    assert said == [
        "", "", "[1 of 3] tile seed=0: finished in 41.5 s, Image AUROC 0.988; about 20 s left\n",
        "[2 of 3] tile seed=1: failed: no room; about 10 s left\n",
        "[3 of 3] tile seed=2: finished in 41.5 s, Image AUROC 0.988\n",
    ]  # fmt: skip


def test_what_was_there_before_is_counted_and_not_said(
    store: RunStore, turns: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles, steps = turns
    for step in steps[:2]:
        step()
    monkeypatch.setattr(followed.time, "sleep", lambda _: steps.pop(2)())
    follow(store, titles, there=[next(iter(titles))])
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["[2 of 3] tile seed=1",
                                                                                       "[3 of 3] tile seed=2"]


def test_a_terminal_has_its_bar_and_no_lines(store: RunStore, turns: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    titles, steps = turns
    terminal = StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(followed.time, "sleep", lambda _: steps.pop(0)())
    follow(store, titles)
    said = terminal.getvalue()
    assert ", 1 failed, about 10 s left]" in said
    assert "[1 of 3]" not in said
    assert "3/3" in terminal.getvalue()


def test_counts_and_stages_come_before_titles(store: RunStore, draft: Callable) -> None:
    writers = [store.begin(draft(identity=str(number), status="queued")) for number in range(3)]
    titles = {writer.run.id: f"brushed_metal seed={number}" for number, writer in enumerate(writers)}
    jobs = [replace(waiting(run_id), state=state)
            for run_id, state in zip(titles, (FAILED, RUNNING, RUNNING), strict=True)]  # fmt: skip
    for writer, done in zip(writers[1:], (1, 3), strict=True):
        writer.progress("features", done, 4)
    words = followed._words(store, how_far(store, jobs), titles).split(", ")
    assert words[:3] == ["1 failed", "features 25%", "features 75%"]
    assert words[-2:] == ["brushed_metal seed=1", "brushed_metal seed=2"]

"""`queue` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.job import Wanted
from patchcore_core.runs.store import RunStore


@pytest.fixture(autouse=True)
def _nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start_workers", lambda _: None)


@pytest.fixture
def waiting(store: RunStore, draft) -> list[str]:
    """Three runs that wait, of which the last two are a sweep."""
    runs = [store.begin(draft(identity=name, status="queued")).run.id for name in "abc"]
    queue.add(store, [Wanted(runs[0])])
    queue.add(store, [Wanted(name, seconds=60.0) for name in runs[1:]], "sweep-1")
    return runs


def test_what_waits_is_listed_and_changed(store: RunStore, waiting, asked, tmp_path: Path) -> None:
    def ask(*words: str) -> list[tuple[str, str]]:
        code, out, err = asked(tmp_path, "queue", *words, "--runs", store.root, "--json")
        assert (code, err) == (0, "")
        return [(job["run"], job["state"]) for job in json.loads(out)]

    first, second, third = waiting
    assert ask() == [(first, "waiting"), (second, "waiting"), (third, "waiting")]
    assert ask("first", "sweep-1") == [(second, "waiting"), (third, "waiting"), (first, "waiting")]
    assert {*ask("pause", "--all")} == {(first, "paused"), (second, "paused"), (third, "paused")}
    assert (first, "waiting") in ask("resume", first)
    assert {*ask("cancel", "sweep-1")} == {(first, "waiting"), (second, "cancelled"), (third, "cancelled")}
    assert [store.get(name).status for name in waiting] == ["queued", "cancelled", "cancelled"]
    assert {*ask("retry", third)} == {(first, "waiting"), (second, "cancelled"), (third, "waiting")}
    assert store.get(third).waits


def test_people_read_how_far_it_is(store: RunStore, waiting, asked, tmp_path: Path) -> None:
    lines = asked(tmp_path, "queue", "--runs", store.root)[1].splitlines()
    assert lines[1].split() == ["waiting", waiting[1], "sweep-1"]
    assert lines[-1] == "0 of 3 finished, 3 waiting"
    assert asked(tmp_path, "queue", "--runs", tmp_path / "none")[1] == "the queue is empty\n"


def test_what_cannot_be_meant_is_refused(store: RunStore, waiting, refused, tmp_path: Path) -> None:
    refused(tmp_path, ("queue", "cancel", "x", "--runs", store.root), ("there is no run or sweep 'x' in the queue",))
    refused(tmp_path, ("queue", "pause", "--runs", store.root), ("needs the id of a run, the name",))
    refused(tmp_path, ("queue", "hurry", "--runs", store.root), ("invalid choice: 'hurry'",))
    assert len(waiting) == 3

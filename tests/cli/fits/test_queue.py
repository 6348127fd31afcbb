"""`queue` as it is typed."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from pathlib import Path

import pytest

from patchcore_core.jobs import claims, jobs, queue, queue_file
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


@pytest.mark.parametrize(("state", "words"), [
    ("locked", "the queue cannot be changed: database is locked"),
    ("newer", "was written by another version of PatchCore Explorer"),
    ("a folder", "the queue cannot be changed: unable to open database file"),
    ("no locks", "the queue cannot be changed: No locks available"),
    ("read-only", "the queue cannot be changed: its folder may not be written"),
])  # fmt: skip
def test_a_queue_that_cannot_be_changed_is_said_in_one_sentence(
    store: RunStore, waiting, refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, words: str
) -> None:
    path, other = queue_file.path_of(store.root), sqlite3.connect(queue_file.path_of(store.root), isolation_level=None)
    monkeypatch.setattr(queue_file, "PATIENCE", 0.1)
    if state == "locked":
        other.execute("BEGIN IMMEDIATE")
    elif state == "newer":
        other.execute("PRAGMA user_version = 99")
    else:
        other.close()
        for left in path.parent.glob("queue.sqlite*"):
            left.unlink()
    if state == "a folder":
        path.mkdir()
    elif state == "no locks":
        monkeypatch.setattr(queue_file, "FileLock", _no_locks)
    elif state == "read-only":  # as root nothing else keeps from writing
        monkeypatch.setattr(queue_file.os, "access", lambda *_: False)
        path.mkdir()
    refused(tmp_path, ("queue", "work", "--runs", store.root), (words,))
    other.close()
    assert len(waiting) == 3


def _no_locks(*_: object) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_what_cannot_be_meant_is_refused(store: RunStore, waiting, refused, tmp_path: Path) -> None:
    refused(tmp_path, ("queue", "cancel", "x", "--runs", store.root), ("there is no run or sweep 'x' in the queue",))
    refused(tmp_path, ("queue", "pause", "--runs", store.root), ("needs the id of a run, the name",))
    refused(tmp_path, ("queue", "hurry", "--runs", store.root), ("invalid choice: 'hurry'",))
    assert len(waiting) == 3


def test_what_is_computed_is_listed_first(store: RunStore, waiting, asked, tmp_path: Path) -> None:
    claims.claim(store, run_id=waiting[2])
    lines = asked(tmp_path, "queue", "--runs", store.root)[1].splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [
        ["running", waiting[2]], ["waiting", waiting[0]], ["waiting", waiting[1]]]


def test_a_folder_in_the_place_of_the_queue_is_no_empty_queue(store: RunStore, refused, tmp_path: Path) -> None:
    queue_file.path_of(store.root).mkdir(parents=True)
    refused(tmp_path, ("queue", "--runs", store.root), ("the queue cannot be read",))

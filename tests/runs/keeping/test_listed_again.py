"""Runs that are listed again are those that are there, whatever happens to them; an old record is parsed once."""

from __future__ import annotations

import os
import time

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs import folder as folder_module
from patchcore_core.runs.writer import RunWriter


@pytest.fixture
def parsed(monkeypatch):
    """The folders whose records are parsed."""
    seen = []
    reads = folder_module.read_json

    def reading(path):
        if path.name == folder_module.RECORD:
            seen.append(path.parent)
        return reads(path)

    monkeypatch.setattr(folder_module, "read_json", reading)
    return seen


@pytest.fixture
def age(monkeypatch):
    """`age(run)`: make the record an old one."""
    def change(run):
        os.utime(run.folder / "run.json", (1e9, 1e9))
        monkeypatch.setattr(folder_module, "SETTLED", -1.0)  # the time of its change itself cannot be set

    return change


def test_a_record_is_parsed_once_for_each_of_its_states(store, draft, finish, parsed, age):
    one, other = finish(store.begin(draft(identity="a"))), finish(store.begin(draft(identity="b")))
    age(one), age(other)
    parsed.clear()
    assert store.list() == store.list() == (store.get(other.id), store.get(one.id))
    assert sorted(parsed) == sorted([one.folder, other.folder])
    RunWriter(store.root, one).update(warnings=("new",))
    age(one)  # only size, inode and time of change tell that it is another one
    assert store.get(one.id).warnings == ("new",)
    assert store.list() == store.list()
    assert parsed[2:] == [one.folder]


def test_a_record_that_is_changed_in_its_place_is_seen_though_its_times_are_put_back(store, draft, finish, age):
    run = finish(store.begin(draft()))
    age(run)
    assert store.get(run.id).category == "tile"
    place = run.folder / "run.json"
    before = place.stat()
    place.write_bytes(place.read_bytes().replace(b'"category": "tile"', b'"category": "TILE"'))
    age(run)
    after = place.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert store.get(run.id).category == "TILE"


def test_a_new_record_may_be_replaced_within_the_clock_of_files(store, draft, finish, monkeypatch):
    """Its time, size and inode may be those of the record that it replaces."""
    run = finish(store.begin(draft()))
    monkeypatch.setattr(folder_module, "_state", lambda _: (time.time_ns(), 1, 1))
    assert store.get(run.id).warnings == ()
    RunWriter(store.root, run).update(warnings=("new",))
    assert store.get(run.id).warnings == ("new",)


def test_what_happens_to_runs_is_seen(store, draft, finish, age):
    writer = store.begin(draft(identity="a"))
    assert [run.status for run in store.list()] == ["running"]
    run = finish(writer)
    assert [run.status for run in store.list()] == ["finished"]
    age(run)
    assert [run.status for run in store.list()] == ["finished"]
    os.truncate(run.folder / "anomaly_maps.npy", 50)
    assert "damaged or truncated" in store.list()[0].error
    (run.folder / "run.json").write_text("{")
    assert store.list()[0].broken
    store.delete(run.id)
    assert store.list() == ()


def test_a_store_that_is_gone_is_said(store, draft, finish):
    finish(store.begin(draft()))
    store.list()
    store.root.rename(store.root.with_name("elsewhere"))
    with pytest.raises(StoreError, match="are gone"):
        store.list()

"""The remembered list of runs is the one that the store reads anew, whatever happens to the runs."""

from __future__ import annotations

import os

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs.keeping import index as index_module
from patchcore_core.runs.keeping.index import RunIndex
from patchcore_core.runs.writer import RunWriter


@pytest.fixture
def parsed(monkeypatch):
    """The folders whose records are parsed."""
    seen = []
    reads = index_module.read_record

    def reading(folder):
        seen.append(folder)
        return reads(folder)

    monkeypatch.setattr(index_module, "read_record", reading)
    return seen


def test_a_record_is_parsed_once_for_each_of_its_states(store, draft, finish, parsed):
    index = RunIndex(store.root)
    one, other = finish(store.begin(draft(identity="a"))), finish(store.begin(draft(identity="b")))
    assert index.list() == index.list() == store.list()
    assert sorted(parsed) == sorted([one.folder, other.folder])
    RunWriter(store.root, one).update(warnings=("new",))
    assert index.list() == store.list()
    assert parsed[2:] == [one.folder]


def test_what_happens_to_runs_is_seen(store, draft, finish):
    index = RunIndex(store.root)
    writer = store.begin(draft(identity="a"))
    assert [run.status for run in index.list()] == ["running"]
    run = finish(writer)
    assert [run.status for run in index.list()] == ["finished"]
    os.truncate(run.folder / "anomaly_maps.npy", 50)
    assert index.list() == store.list()
    assert "damaged or truncated" in index.list()[0].error
    (run.folder / "run.json").write_text("{")
    assert index.list() == store.list()
    assert index.list()[0].broken
    store.delete(run.id)
    assert index.list() == ()
    assert index._known == {}


def test_a_store_that_is_gone_is_said(store, draft, finish):
    index = RunIndex(store.root)
    finish(store.begin(draft()))
    index.list()
    store.root.rename(store.root.with_name("elsewhere"))
    with pytest.raises(StoreError, match="are gone"):
        index.list()

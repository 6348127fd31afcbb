"""PATCHCORE_READ_ONLY: everything can be read, nothing is written, and each refusal is a sentence."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ReadOnlyError
from patchcore_core.jobs import jobs
from patchcore_core.jobs.first_start import fit_sample
from patchcore_core.jobs.neighbour_map import neighbour_map
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.bank.row_use import RowUse, keep_row_use
from patchcore_core.runs.presence import read_only
from patchcore_core.runs.store import RunStore
from tests.places import files_in


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A store with a folder of jobs, a saved view and a verdict, kept as it is from now on."""
    root = tmp_path / "runs"
    (root / ".jobs").mkdir(parents=True)
    (tmp_path / "photo.png").write_bytes(b"a photo")
    SavedViews(root).save("mine", "run=a", "Ann")
    Verdicts(root).give(Photo(tmp_path / "photo.png", 1, "hole"), LABEL_WRONG, "Ann")
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    return root


@pytest.mark.parametrize(("value", "is_so"), [
    ("1", True), ("true", True), ("yes", True), ("anything", True), ("", False), ("0", False), (" False ", False),
    ("no", False), ("off", False),
])  # fmt: skip
def test_any_value_but_a_no_counts(monkeypatch, value, is_so):
    monkeypatch.setenv("PATCHCORE_READ_ONLY", value)
    assert read_only() == is_so
    monkeypatch.delenv("PATCHCORE_READ_ONLY")
    assert not read_only()


def test_what_would_write_is_refused_and_leaves_no_trace(root, tmp_path):
    store, photo = RunStore(root), Photo(tmp_path / "photo.png", 1, "hole")
    entry = Verdicts(root).entries()[0]
    writes = {
        "no fit can be started": lambda: jobs.start(store, tmp_path, None, PatchCoreConfig()),
        "no photo can be taught": lambda: jobs.teach(store, None, ["a.png"]),
        "no job can be cancelled": lambda: jobs.cancel(store, "a"),
        "the sample set cannot be fitted": lambda: fit_sample(store),
        "no process can be started": lambda: neighbour_map(np.zeros((40, 4)), "umap"),
        "the runs there cannot be changed": lambda: store.delete("a"),
        "runs there cannot be changed": lambda: store.close("a", "failed", "why"),
        "runs there cannot": lambda: store.writer("a"),
        "the verdicts cannot be changed": lambda: Verdicts(root).give(photo, LABEL_WRONG, "Ann"),
        "verdicts cannot be changed": lambda: Verdicts(root).undo(entry, "Ann"),
        "the saved views cannot be changed": lambda: SavedViews(root).save("mine", "run=a", "Ann"),
        "saved views cannot be changed": lambda: SavedViews(root).delete("mine", "Ann"),
        "the chosen thresholds cannot be changed": lambda: ChosenThresholdsOf(root).use("a", "Ann", 1.0, None, None),
        "nothing is kept there": lambda: keep_row_use(root, RowUse((np.zeros(3, np.int64),), 1)),
    }  # fmt: skip
    before = files_in(tmp_path)
    for said, write in writes.items():
        with pytest.raises(ReadOnlyError, match=rf"{said}.*: this is a read-only installation \(PATCHCORE_READ_ONLY\)"):
            write()
    assert files_in(tmp_path) == before


def test_verdicts_are_read_while_another_program_writes_them(root, tmp_path):
    photo = Photo(tmp_path / "photo.png", 1, "hole")
    other = sqlite3.connect(root / "verdicts.sqlite", isolation_level=None)  # whose journal is not applied yet
    try:
        rows = other.execute("SELECT * FROM entries").fetchall()
        other.execute("INSERT INTO entries SELECT NULL, content, bytes, label, defect_type, category, path, 'agree', "
                      "note, tags, 'Bob', given_at FROM entries")
        assert len(rows) == 1
        assert (root / "verdicts.sqlite-wal").stat().st_size > 0
        before = files_in(tmp_path)
        assert [one.author for one in Verdicts(root).history(photo)] == ["Ann", "Bob"]
        assert Verdicts(root).latest([photo])[0].author == "Bob"
        assert files_in(tmp_path) == before
    finally:
        other.close()


def test_a_file_of_verdicts_of_an_older_version_is_read_and_stays_as_it_is(root, tmp_path):
    with sqlite3.connect(root / "verdicts.sqlite") as older:
        older.execute("DROP TABLE thresholds")
        older.execute("DROP TABLE run_labels")
        older.execute("PRAGMA user_version = 2")
    older.close()
    before = files_in(tmp_path)
    assert len(Verdicts(root).entries()) == 1
    assert ChosenThresholdsOf(root).all() == {}
    assert files_in(tmp_path) == before

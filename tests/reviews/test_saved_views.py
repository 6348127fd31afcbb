"""Saved views: added only, the newest of a name counts, lost by nothing, beside the verdicts in one file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.places import ROOT
from tests.reviews.test_verdicts import HOSTILE

RUN, OTHER = "20260101-120000-tile-0001", "20260101-120000-tile-0002"
WRITER = """
import sys
from patchcore_core.reviews.saved_views import SavedViews
root, author, count = sys.argv[1:]
for number in range(int(count)):
    SavedViews(root).save("shared", f"run={author}&image={number}", author)
    SavedViews(root).save(f"{author} {number}", "run=own", author)
"""


@pytest.fixture
def views(tmp_path):
    return SavedViews(tmp_path / "store")


def listed(views, run_id=None):
    return [(view.name, view.query) for view in views.list(run_id)]


def start_writer(root, author, count):
    return subprocess.Popen([sys.executable, "-c", WRITER, str(root), author, str(count)], cwd=ROOT)


def test_the_newest_of_a_name_counts_and_the_earlier_ones_stay(views):
    first = views.save("misses", f"?run={RUN}&outcome=FN&outcome=FP&unknown=%2B1", " Ann ")
    second = views.save(" misses ", f"run={RUN}&outcome=FN", "Bob")
    assert views.list() == (second,)
    assert views.history("misses") == (first, second)
    assert (first.query, first.author) == (f"run={RUN}&outcome=FN&outcome=FP&unknown=%2B1", "Ann")
    assert first.saved_at < second.saved_at
    assert first.saved_at.endswith("+00:00")


def test_views_of_the_run_come_first_each_part_by_name(views):
    for name, query in (("b", f"run={OTHER}"), ("a", "image=1"), ("z", f"image=2&run={RUN}"), ("C", f"run={RUN}")):
        views.save(name, query, "Ann")
    assert [view.name for view in views.list(RUN)] == ["C", "z", "a", "b"]
    assert [view.name for view in views.list()] == ["a", "b", "C", "z"]
    assert {view.name: view.run for view in views.list()} == {"a": "", "b": OTHER, "C": RUN, "z": RUN}


def test_a_deleted_view_is_hidden_and_comes_back(views):
    views.save("misses", "run=1", "Ann")
    views.save("other", "run=1", "Ann")
    gone = views.delete("misses", "Bob")
    assert (gone.query, gone.author) == ("", "Bob")
    assert listed(views) == [("other", "run=1")]
    with pytest.raises(StoreError, match="no saved view of this name any more"):
        views.delete("misses", "Cy")
    back = views.undo(gone, "Cy")
    assert listed(views) == [("misses", "run=1"), ("other", "run=1")]
    assert views.undo(back, "Cy").query == ""  # undone twice, it is gone again
    assert [entry.query for entry in views.history("misses")] == ["run=1", "", "run=1", ""]


def test_saving_over_a_name_can_be_undone_unless_somebody_was_quicker(views):
    views.save("misses", "run=1", "Ann")
    over = views.save("misses", "run=2", "Bob")
    views.undo(over, "Bob")
    assert listed(views) == [("misses", "run=1")]
    with pytest.raises(StoreError, match="meanwhile; reload the list"):
        views.undo(over, "Bob")
    alone = views.save("new", "run=3", "Ann")
    views.undo(alone, "Ann")
    assert listed(views) == [("misses", "run=1")]


@pytest.mark.parametrize(("changes", "words"), [
    ({"name": " "}, "name must not be empty"),
    ({"name": "x" * 201}, "name must have at most 200 characters, got 201"),
    ({"query": "?"}, "address must not be empty"),
    ({"query": "x" * 8001}, "address must have at most 8000 characters, got 8001"),
    ({"author": ""}, "author must not be empty"),
    ({"author": "x" * 201}, "author must have at most 200 characters"),
])
def test_what_cannot_be_a_view_is_refused(views, changes, words):
    with pytest.raises(ConfigError, match=words):
        views.save(**{"name": "misses", "query": "run=1", "author": "Ann"} | changes)
    assert not views.root.exists()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_kept_as_they_are(views, text):
    name = text[:200]
    entry = views.save(name, f"image={text}", name)
    assert views.list() == views.history(name) == (entry,)
    if "\0" not in text and "\ud800" not in text:
        assert (entry.name, entry.query) == (name.strip(), f"image={text}".strip())
    assert views.delete(name, "Ann").name == entry.name
    assert views.list() == ()


def test_reading_where_nothing_was_saved_writes_nothing(views):
    assert views.list() == views.history("misses") == ()
    assert not views.root.exists()


def test_two_processes_and_a_thread_write_at_once_and_lose_nothing(views):
    writers = [start_writer(views.root, name, 40) for name in ("one", "two")]  # both make the file
    thread = threading.Thread(target=lambda: [views.save("shared", f"run=three&image={n}", "three") for n in range(40)])
    thread.start()
    assert [writer.wait(120) for writer in writers] == [0, 0]
    thread.join()
    history = views.history("shared")
    for name in ("one", "two", "three"):
        assert [view.query for view in history if view.author == name] == [f"run={name}&image={n}" for n in range(40)]
    assert len(views.list()) == 81
    assert history[-1] in views.list()


def test_of_two_who_delete_at_once_one_is_told(views):
    views.save("misses", "run=1", "Ann")
    told: list[str] = []

    def delete(name: str) -> None:
        try:
            views.delete("misses", name)
        except StoreError as error:
            told.append(str(error))

    threads = [threading.Thread(target=delete, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 7
    assert [view.query for view in views.history("misses")] == ["run=1", ""]


def test_entries_cannot_be_changed_or_removed(views):
    views.save("misses", "run=1", "Ann")
    for statement in ("DELETE FROM views", "UPDATE views SET author = 'Bob'"):
        with pytest.raises(StoreError, match="saved views cannot be written: saved views are only ever added"), \
                verdict_file.writing(views.root, "saved views") as file:
            file.execute(statement)
    assert [view.author for view in views.list()] == ["Ann"]


def test_a_file_with_verdicts_only_gets_views_and_keeps_its_verdicts(views, tmp_path, monkeypatch):
    verdicts, entry = Verdicts(views.root), older_store(views.root, tmp_path / "a.png", monkeypatch)
    assert views.list() == ()  # brought up by reading
    saved = views.save("misses", "run=1", "Ann")
    assert verdicts.entries() == (entry,)
    assert views.list() == (saved,)
    with closing(sqlite3.connect(views.root / verdict_file.FILE)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(verdict_file.MIGRATIONS),)


def older_store(root, photo, monkeypatch):
    """A store as version 1 of the file left it, with one verdict, which is returned."""
    photo.write_bytes(b"a" * 100)
    with monkeypatch.context() as patch:
        patch.setattr(verdict_file, "MIGRATIONS", verdict_file.MIGRATIONS[:1])
        return Verdicts(root).give(Photo(photo, 0, "good"), "agree", "Ann")


def test_a_file_of_a_newer_version_is_refused(views):
    views.save("misses", "run=1", "Ann")
    with closing(sqlite3.connect(views.root / verdict_file.FILE)) as file:
        file.execute("PRAGMA user_version = 7")
    for ask in (views.list, lambda: views.save("misses", "run=1", "Ann"), lambda: views.delete("misses", "Ann")):
        with pytest.raises(StoreError, match=r"newer version of PatchCore Explorer .version 7 of the file"):
            ask()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become somebody without rights")
@pytest.mark.parametrize("older", [False, True])
def test_a_read_only_store_can_be_read_and_says_that_it_cannot_be_written(older, monkeypatch):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        older_store(folder / "store", folder / "a.png", monkeypatch)
        if not older:
            SavedViews(folder / "store").save("misses", "run=1", "Ann")
        script = (
            "import os\nfrom patchcore_core.errors import StoreError\n"
            "from patchcore_core.reviews.saved_views import SavedViews\n"
            "from patchcore_core.reviews.verdicts import Verdicts\nos.setuid(65534)\n"
            f"root = {str(folder / 'store')!r}\n"
            "print([view.name for view in SavedViews(root).list()], len(Verdicts(root).entries()))\n"
            "try:\n    SavedViews(root).save('mine', 'run=1', 'Bob')\nexcept StoreError as error:\n    print(error)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
        read, _, refused = done.stdout.partition("\n")
        assert read == ("[] 1" if older else "['misses'] 1"), done.stderr
        assert "the saved views cannot be written: " in refused
    finally:
        shutil.rmtree(folder)


STEPS = st.lists(st.tuples(
    st.sampled_from(["a", "b", "<b>"]), st.sampled_from(["save", "delete", "undo"]), st.integers(0, 9),
), max_size=12)  # fmt: skip


@settings(max_examples=25)
@given(STEPS)
def test_a_plain_list_says_the_same(steps):
    """The model: a list of (name, address), of which the newest of a name counts and an empty address hides."""
    with tempfile.TemporaryDirectory() as folder:
        views, model = SavedViews(folder), []
        for name, what, number in steps:
            mine = [query for other, query in model if other == name]
            if what == "save":
                model.append((name, views.save(name, f"image={number}", "Ann").query))
            elif what == "delete" and mine and mine[-1]:
                model.append((name, views.delete(name, "Ann").query))
            elif what == "undo" and mine:
                views.undo(views.history(name)[-1], "Ann")
                model.append((name, mine[-2] if len(mine) > 1 else ""))
        assert {name: [view.query for view in views.history(name)] for name, _ in model} == \
            {name: [query for other, query in model if other == name] for name, _ in model}
        assert dict(listed(views)) == {name: query for name, query in dict(model).items() if query}

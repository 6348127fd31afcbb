"""Verdicts: added only, found again by photo and label, lost by nothing."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
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

from patchcore_core.errors import ConfigError, DataError, StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdicts import Photo, Verdicts, label_wrong, used_tags
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.files import for_spreadsheet
from tests.places import ROOT

WRITER = """
import sys
from pathlib import Path
from patchcore_core.reviews.verdicts import Photo, Verdicts
root, photo, name, count = sys.argv[1:]
for number in range(int(count)):
    Verdicts(root).give(Photo(Path(photo), 1, "hole"), "agree", name, str(number))
    print(number, flush=True)
"""
HOSTILE = ["<img src=x onerror=alert(1)>", "'; DROP TABLE entries; --", "=1+1", "a\0b", "\ud800half", "𝔘" * 300,
           "\n\r\t,\""]  # fmt: skip


@pytest.fixture
def photos(tmp_path):
    """Four photos of one length: two that differ, a copy of the first, and the first under another label."""
    for name, byte in (("a", b"a"), ("b", b"b"), ("copy", b"a"), ("moved", b"a")):
        (tmp_path / f"{name}.png").write_bytes(byte * 100)
    label = {"a": (0, "good"), "b": (1, "hole"), "copy": (0, "good"), "moved": (1, "hole")}
    return {name: Photo(tmp_path / f"{name}.png", *said, "bottle") for name, said in label.items()}


@pytest.fixture
def verdicts(tmp_path):
    return Verdicts(tmp_path / "store")


def given_to(verdicts, photos):
    names = list(photos)
    return {names[place]: entry.verdict for place, entry in verdicts.latest(list(photos.values())).items()}


def start_writer(verdicts, photo, name, count):
    command = [sys.executable, "-c", WRITER, str(verdicts.root), str(photo.path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_verdict_is_about_the_photo_and_its_label_wherever_it_lies(verdicts, photos):
    verdicts.give(photos["a"], "label_wrong", "Ann")
    verdicts.give(photos["b"], "agree", "Bob")
    assert given_to(verdicts, photos) == {"a": "label_wrong", "b": "agree", "copy": "label_wrong"}


def test_a_photo_put_under_another_label_starts_afresh(verdicts, photos):
    verdicts.give(photos["moved"], "label_wrong", "Ann")
    assert given_to(verdicts, photos) == {"moved": "label_wrong"}


def test_a_photo_that_was_changed_or_renamed(verdicts, photos, tmp_path):
    verdicts.give(photos["a"], "agree", "Ann")
    photos["a"].path.rename(tmp_path / "elsewhere.png")
    photos["b"].path.write_bytes(b"a" * 100)
    here = [Photo(tmp_path / "elsewhere.png", 0, "good"), Photo(photos["b"].path, 0, "good")]
    assert set(verdicts.latest(here)) == {0, 1}
    photos["b"].path.write_bytes(b"c" * 100)
    os.utime(photos["b"].path, ns=(1, 1))
    assert set(verdicts.latest(here)) == {0}


def test_verdicts_stay_when_the_photos_are_out_of_reach(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    assert "copy" in given_to(verdicts, photos)
    for photo in photos.values():
        photo.path.unlink()
    assert given_to(verdicts, photos) == {"a": "agree", "copy": "agree"}
    verdicts.give(photos["copy"], "unclear", "Bob")
    assert given_to(verdicts, photos) == {"a": "unclear", "copy": "unclear"}


def test_nobody_can_judge_a_photo_that_nobody_has_read(verdicts, tmp_path):
    with pytest.raises(DataError, match=r"none\.png: the photo cannot be read"):
        verdicts.give(Photo(tmp_path / "none.png", 0, "good"), "agree", "Ann")


def test_history_keeps_author_time_note_and_tags(verdicts, photos):
    first = verdicts.give(photos["a"], "unclear", " Ann ", "dark\ncorner", ("edge", "edge", "dust"))
    second = verdicts.give(photos["copy"], "agree", "Bob")
    assert verdicts.history(photos["a"]) == (first, second) == verdicts.entries()
    assert (first.author, first.note, first.tags, first.category) == ("Ann", "dark\ncorner", ("edge", "dust"), "bottle")
    assert first.given_at < second.given_at
    assert first.given_at.endswith("+00:00")


def test_undo_adds_what_stood_before(verdicts, photos):
    first = verdicts.give(photos["a"], "unclear", "Ann", "note", ("tag",))
    second = verdicts.give(photos["a"], "agree", "Ann")
    third = verdicts.undo(second, "Bob")
    assert (third.verdict, third.note, third.tags, third.author) == ("unclear", "note", ("tag",), "Bob")
    assert verdicts.undo(third, "Bob").verdict == "agree"
    with pytest.raises(StoreError, match="judged this image since"):
        verdicts.undo(first, "Cy")
    alone = verdicts.give(photos["b"], "agree", "Ann")
    assert verdicts.undo(alone, "Ann").verdict == ""
    assert given_to(verdicts, photos) == {"a": "agree", "copy": "agree"}
    assert len(verdicts.entries()) == 6


def test_the_revision_moves_with_every_entry(verdicts, photos):
    assert verdicts.revision() == 0
    assert not verdicts.root.exists()  # reading writes nothing
    seen = [verdicts.revision()]
    for _ in range(3):
        verdicts.give(photos["a"], "agree", "Ann")
        seen.append(Verdicts(verdicts.root).revision())
    assert seen == sorted(set(seen))
    given_to(verdicts, photos)
    assert verdicts.revision() == seen[-1]


def test_images_with_a_wrong_label_are_left_out(verdicts, photos):
    verdicts.give(photos["a"], "label_wrong", "Ann")
    verdicts.give(photos["b"], "mask_wrong", "Ann")
    latest = verdicts.latest(list(photos.values()))
    assert label_wrong(latest, 4).tolist() == [True, False, True, False]
    assert not label_wrong({}, 2).any()


def test_used_tags_come_most_frequent_first(verdicts, photos):
    for name, tags in (("a", ("dust",)), ("b", ("edge", "dust")), ("a", ("edge",)), ("b", ("edge", "<b>"))):
        verdicts.give(photos[name], "agree", "Ann", tags=tags)
    assert used_tags(verdicts.entries()) == ["edge", "dust", "<b>"]
    assert used_tags([]) == []


@pytest.mark.parametrize(("changes", "words"), [
    ({"verdict": "fine"}, "verdict must be one of agree, label_wrong, mask_wrong, unclear"),
    ({"author": " "}, "author must not be empty"),
    ({"note": "x" * 10_001}, "note must have at most 10000 characters, got 10001"),
    ({"tags": ["a,b"]}, "must not contain a comma"),
    ({"tags": [str(n) for n in range(21)]}, "at most 20 tags, got 21"),
    ({"tags": [""]}, "tag must not be empty"),
])
def test_what_cannot_be_a_verdict_is_refused(verdicts, photos, changes, words):
    with pytest.raises(ConfigError, match=words):
        verdicts.give(**{"photo": photos["a"], "verdict": "agree", "author": "Ann"} | changes)
    assert verdicts.revision() == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_kept_as_they_are(verdicts, photos, text):
    photo = Photo(photos["a"].path, 0, text, text)
    entry = verdicts.give(photo, "agree", text[:200].replace("\0", "x"), text)
    assert verdicts.history(photo) == (entry,)
    assert verdicts.latest([photo]) == {0: entry}
    if "\0" not in text and "\ud800" not in text:
        assert entry.note == text.strip()
    assert len(list(csv.reader(io.StringIO(verdicts.to_csv().decode(), newline="")))) == 2


def test_a_hostile_file_name(verdicts, tmp_path):
    path = tmp_path / os.fsdecode(b"<img src=x>\xff\n.png")
    path.write_bytes(b"x")
    entry = verdicts.give(Photo(path, 0, "good"), "agree", "Ann")
    assert entry.path.isprintable()
    assert verdicts.latest([Photo(path, 0, "good")]) == {0: entry}


@pytest.mark.parametrize(("text", "cell"), [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
    ("a=1", "a=1"), ("", ""),
])
def test_no_cell_begins_as_a_formula(text, cell):
    assert for_spreadsheet(text) == cell


def test_the_csv_holds_every_entry_and_no_formula(verdicts, photos, tmp_path):
    verdicts.give(photos["a"], "agree", "=Ann", "-5 °C, \"cold\"\nhere", ("@x", "y"))
    verdicts.give(photos["b"], "unclear", "Bob")
    verdicts.export_csv(tmp_path / "out.csv")
    assert [path.name for path in tmp_path.glob("*.csv")] == ["out.csv"]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode(), newline="")))
    assert [row["author"] for row in rows] == ["'=Ann", "Bob"]
    assert (rows[0]["note"], rows[0]["tags"]) == ("'-5 °C, \"cold\"\nhere", "'@x, y")
    with pytest.raises(StoreError, match="cannot be written"):
        verdicts.export_csv(tmp_path / "no folder" / "out.csv")


def test_two_processes_and_a_thread_write_at_once_and_lose_nothing(verdicts, photos):
    writers = [start_writer(verdicts, photos["b"], name, 60) for name in ("one", "two")]  # both make the file
    thread = threading.Thread(target=lambda: [verdicts.give(photos["b"], "agree", "three", str(n)) for n in range(60)])
    thread.start()
    assert [writer.wait(120) for writer in writers] == [0, 0]
    thread.join()
    history = verdicts.history(Photo(photos["b"].path, 1, "hole"))
    for name in ("one", "two", "three"):
        assert [entry.note for entry in history if entry.author == name] == [str(n) for n in range(60)]
    assert [entry.id for entry in history] == list(range(1, 181))


def test_a_killed_process_leaves_all_that_it_was_told_is_kept(verdicts, photos):
    writer = start_writer(verdicts, photos["b"], "one", 10_000)
    told = [int(writer.stdout.readline()) for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    told += [int(line) for line in writer.stdout]
    writer.wait(30)
    notes = [int(entry.note) for entry in verdicts.entries()]
    assert notes in (told, [*told, told[-1] + 1])
    verdicts.give(photos["b"], "agree", "two")
    with closing(sqlite3.connect(verdicts.root / verdict_file.FILE)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_transaction_that_is_cut_off_leaves_nothing(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    script = (
        "import os\nfrom pathlib import Path\nfrom patchcore_core.reviews import verdict_file\n"
        f"with verdict_file.writing(Path({str(verdicts.root)!r})) as file:\n"
        "    file.execute(\"INSERT INTO entries SELECT NULL, content, bytes, label, defect_type, category, path,"
        " verdict, 'half', tags, author, given_at FROM entries\")\n    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == -9
    assert [entry.note for entry in verdicts.entries()] == [""]


def test_entries_cannot_be_changed_or_removed(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    for statement in ("DELETE FROM entries", "UPDATE entries SET author = 'Bob'"):
        with pytest.raises(StoreError, match="only ever added"), verdict_file.writing(verdicts.root) as file:
            file.execute(statement)
    assert [entry.author for entry in verdicts.entries()] == ["Ann"]


def test_a_file_of_version_1_is_brought_up_with_all_its_entries(verdicts, photos, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(verdict_file, "MIGRATIONS", verdict_file.MIGRATIONS[:1])
        entry = verdicts.give(photos["a"], "agree", "Ann")
    with closing(sqlite3.connect(verdicts.root / verdict_file.FILE)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    newer = (*verdict_file.MIGRATIONS, ("CREATE TABLE later (name TEXT)",), ("INSERT INTO later VALUES ('mine')",))
    monkeypatch.setattr(verdict_file, "MIGRATIONS", newer)
    assert verdicts.entries() == (entry,)
    with verdict_file.reading(verdicts.root) as file:
        assert file.execute("SELECT name FROM later").fetchall() == [("mine",)]
        assert file.execute("PRAGMA user_version").fetchone() == (len(newer),)


def test_a_migration_that_fails_leaves_the_file_as_it_was(verdicts, photos, monkeypatch):
    entry = verdicts.give(photos["a"], "agree", "Ann")
    newer = (*verdict_file.MIGRATIONS, ("CREATE TABLE later (name TEXT)", "no SQL"))
    with monkeypatch.context() as patch:
        patch.setattr(verdict_file, "MIGRATIONS", newer)
        with pytest.raises(StoreError, match="syntax error"):
            verdicts.give(photos["a"], "agree", "Ann")
    assert verdicts.entries() == (entry,)
    with verdict_file.reading(verdicts.root) as file:
        assert file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)


def test_a_file_of_a_newer_version_is_refused(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    with closing(sqlite3.connect(verdicts.root / verdict_file.FILE)) as file:
        file.execute("PRAGMA user_version = 7")
    for ask in (verdicts.revision, lambda: verdicts.give(photos["a"], "agree", "Ann")):
        with pytest.raises(StoreError, match=r"newer version of PatchCore Explorer .version 7 of the file"):
            ask()


def test_a_file_that_is_no_database(verdicts, photos):
    verdicts.root.mkdir()
    (verdicts.root / verdict_file.FILE).write_bytes(b"no database at all" * 100)
    for ask in (verdicts.entries, lambda: verdicts.give(photos["a"], "agree", "Ann")):
        with pytest.raises(StoreError, match=r"verdicts\.sqlite: the verdicts cannot be .* not a database"):
            ask()


def test_a_store_that_cannot_be_a_folder(photos, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Verdicts(tmp_path / "file" / "store").give(photos["a"], "agree", "Ann")


def test_a_full_disk_is_a_sentence_and_loses_nothing(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    script = (  # no file may grow beyond 80 KB
        "import resource, sys\nfrom pathlib import Path\nfrom patchcore_core.errors import StoreError\n"
        "from patchcore_core.reviews.verdicts import Photo, Verdicts\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))\n"
        f"given, photo = 0, Photo(Path({str(photos['b'].path)!r}), 1, 'hole')\n"
        "try:\n    while given < 100:\n"
        f"        Verdicts({str(verdicts.root)!r}).give(photo, 'agree', 'Bob', 'x' * 9999)\n        given += 1\n"
        "except StoreError as error:\n    print(given, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    given, _, sentence = done.stdout.partition(" ")
    assert "verdicts.sqlite: the verdicts cannot be written: " in sentence, done.stderr
    assert [entry.author for entry in verdicts.entries()] == ["Ann"] + ["Bob"] * int(given)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become somebody without rights")
def test_a_read_only_store_can_be_read_and_says_that_it_cannot_be_written(photos):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        Verdicts(folder / "store").give(photos["a"], "agree", "Ann")
        shutil.copy(photos["a"].path, folder / "a.png")
        script = (
            "from pathlib import Path\nimport os\nfrom patchcore_core.errors import StoreError\n"
            "from patchcore_core.reviews.verdicts import Photo, Verdicts\nos.setuid(65534)\n"
            f"store, photo = Verdicts({str(folder / 'store')!r}), Photo(Path({str(folder / 'a.png')!r}), 0, 'good')\n"
            "print(store.latest([photo])[0].author, store.revision())\n"
            "try:\n    store.give(photo, 'agree', 'Bob')\nexcept StoreError as error:\n    print(error)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
        read, _, refused = done.stdout.partition("\n")
        assert read == "Ann 1", done.stderr
        assert "the verdicts cannot be written: " in refused
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become somebody without rights")
@pytest.mark.parametrize("left", [["-wal", "-shm"], ["-wal"]])
def test_entries_that_a_killed_process_left_in_the_journal_are_read_where_nobody_can_write(photos, left):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        store, verdicts = folder / "store", Verdicts(folder / "written")
        store.mkdir()
        with closing(sqlite3.connect(_filled(verdicts, photos))) as holds_the_journal:
            holds_the_journal.execute("SELECT count(*) FROM entries").fetchone()
            verdicts.give(photos["a"], "unclear", "Bob")
            for end in ["", *left]:
                shutil.copy(verdicts.root / f"{verdict_file.FILE}{end}", store)
        script = (
            "import os\nfrom patchcore_core.reviews.verdicts import Verdicts\nos.setuid(65534)\n"
            f"print([entry.author for entry in Verdicts({str(store)!r}).entries()], os.listdir({str(store)!r}))\n"
        )
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.startswith("['Ann', 'Bob'] "), done.stderr
        assert done.stdout.count(verdict_file.FILE) == 1 + len(left)
    finally:
        shutil.rmtree(folder)


def _filled(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    return verdicts.root / verdict_file.FILE


STEPS = st.lists(st.tuples(
    st.sampled_from(["a", "b", "copy", "moved"]), st.sampled_from([*VERDICTS, "undo"]), st.text(max_size=20),
), max_size=12)  # fmt: skip


@settings(max_examples=25)
@given(STEPS)
def test_a_plain_list_says_the_same(steps):
    """The model: a list of (key, verdict, note), of which the newest of a key counts."""
    with tempfile.TemporaryDirectory() as folder:
        label = {"a": 0, "b": 1, "copy": 0, "moved": 1}
        photos = {name: Photo(Path(folder, name), said, "t") for name, said in label.items()}
        for name, photo in photos.items():
            photo.path.write_text("b" if name == "b" else "a")
        key = {"a": 0, "copy": 0, "b": 1, "moved": 2}
        verdicts, model = Verdicts(folder), []
        for name, verdict, note in steps:
            mine = [row for row in model if row[0] == key[name]]
            if verdict != "undo":
                entry = verdicts.give(photos[name], verdict, "Ann", note)
                model.append((key[name], verdict, entry.note))
            elif mine:
                verdicts.undo(verdicts.history(photos[name])[-1], "Bob")
                model.append(mine[-2] if len(mine) > 1 else (key[name], "", ""))
        assert [(entry.verdict, entry.note) for entry in verdicts.entries()] == [row[1:] for row in model]
        newest = {row[0]: row[1] for row in model}
        expected = {name: newest[key[name]] for name in photos if newest.get(key[name])}
        assert given_to(verdicts, photos) == expected
        assert verdicts.revision() == len(model)

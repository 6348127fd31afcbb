"""The file of verdicts: several writers, killed processes, older and newer versions, full and read-only disks."""

from __future__ import annotations

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

from patchcore_core.errors import StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdicts import Photo, Verdicts
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


def start_writer(verdicts, photo, name, count):
    command = [sys.executable, "-c", WRITER, str(verdicts.root), str(photo.path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_held_open_the_journal_is_written_back_once(verdicts, photos):
    root = verdicts.root
    verdicts.give(photos["a"], "agree", "Ann")
    journal = root / f"{verdict_file.FILE}-wal"
    assert not journal.exists()
    with verdict_file.held_open(root):
        verdicts.give(photos["a"], "unclear", "Ann")
        assert journal.stat().st_size  # flushed, and still to be written back
        assert verdicts.latest([photos["a"]])[0].verdict == "unclear"
        verdicts.give(photos["b"], "agree", "Bob")
    assert not journal.exists()
    assert [entry.verdict for entry in verdicts.entries()] == ["agree", "unclear", "agree"]


def test_nothing_is_held_where_there_is_nothing_to_write(tmp_path, monkeypatch):
    with verdict_file.held_open(tmp_path / "none"):
        assert not (tmp_path / "none").exists()
    (tmp_path / verdict_file.FILE).write_bytes(b"no database" * 100)
    with verdict_file.held_open(tmp_path), pytest.raises(StoreError):
        Verdicts(tmp_path).entries()
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    monkeypatch.setattr(verdict_file, "_connect", lambda *_: pytest.fail("it was opened"))
    with verdict_file.held_open(tmp_path):
        pass


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

"""A store that was there and is gone is not begun anew; one on a full disk leaves no half folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from patchcore_core.cli.main import main
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import StoreError
from patchcore_core.jobs import jobs
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.runs import writer
from patchcore_core.runs.store import RunStore
from tests.places import ROOT
from tests.small_disk import small_disk
from tests.tiny import save_grey

GONE = "the runs that were there are gone"


@pytest.fixture
def share(store, draft, finish) -> Callable[[bool], None]:
    """`share(False)` leaves an empty folder in place of the store, as an unmounted share does; True: it is back."""
    finish(store.begin(draft()))
    store.list()
    away = store.root.with_name("away")

    def connect(there: bool) -> None:
        if there:
            store.root.rmdir()  # fails where anything was made in it
            away.rename(store.root)
        else:
            store.root.rename(away)
            store.root.mkdir()

    return connect


def uses(store: RunStore, run_id: str, photo: Path, draft: Callable) -> dict[str, Callable[[], object]]:
    """Everything that reads or writes a store."""
    shot = Photo(photo, 0, "good")
    return {
        "list": store.list, "get": lambda: store.get(run_id), "begin": lambda: store.begin(draft(identity="new")),
        "close": lambda: store.close(run_id, "failed", ""), "delete": lambda: store.delete(run_id),
        "progress": lambda: store.progress(run_id), "verdict": lambda: Verdicts(store.root).give(shot, "agree", "A"),
        "revision": Verdicts(store.root).revision, "latest": lambda: Verdicts(store.root).latest([shot]),
        "view": lambda: SavedViews(store.root).save("name", "run=1", "A"), "views": SavedViews(store.root).list,
    }  # fmt: skip


def test_a_store_that_is_gone_is_a_sentence_whatever_is_asked_of_it(store, draft, share, tmp_path):
    (run,) = store.list()
    photo = save_grey(tmp_path / "photo.png")
    share(False)
    for name, use in uses(store, run.id, photo, draft).items():
        with pytest.raises(StoreError, match=GONE) as refusal:
            use()
        assert str(store.root) in str(refusal.value), name
        assert list(store.root.iterdir()) == [], name
    share(True)
    assert store.list() == (run,)
    for name, use in uses(store, run.id, photo, draft).items():
        if name != "delete":
            use()


def test_the_folder_itself_may_be_gone_too(store, draft, share):
    share(False)
    store.root.rmdir()
    with pytest.raises(StoreError, match=GONE):
        store.begin(draft())
    assert not store.root.exists()


def test_a_job_is_not_started_in_a_store_that_is_gone(store, share, category, stand_in):  # noqa: ARG001
    share(False)
    with pytest.raises(StoreError, match=GONE):
        jobs.start(store, category, None, PatchCoreConfig(image_size=64, device="cpu"))
    assert list(store.root.iterdir()) == []


def test_runs_alone_make_a_store(store, draft, finish):
    """As where they were copied without hidden folders."""
    run = finish(store.begin(draft()))
    shutil.rmtree(store.root / ".jobs")
    assert store.list() == (run,)
    shutil.rmtree(run.folder)
    with pytest.raises(StoreError, match=GONE):
        store.list()


@pytest.mark.parametrize("command", [["runs"], ["show", "x"], ["fit", "DATA"], ["evaluate", "x", "DATA"]])
def test_below_a_folder_that_is_not_there_nothing_is_made(tmp_path, category, capsys, command):
    root = tmp_path / "not" / "mounted"
    words = [str(category) if word == "DATA" else word for word in command]
    assert main([*words, "--runs", str(root)]) == 2
    assert f"error: {root}: no runs can be kept there: the folder {root.parent} does not exist" in (
        capsys.readouterr().err.replace("error: tile: ", "error: "))  # fmt: skip
    assert not root.parent.exists()


def test_the_first_start_still_makes_its_folder(tmp_path, draft, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PATCHCORE_RUNS", raising=False)
    assert RunStore().list() == ()
    assert not (tmp_path / "runs").exists()
    begun = RunStore().begin(draft())
    assert begun.run.folder.parent.parent == tmp_path / "runs"


def refuse_the_record(*_: object, **__: object) -> None:
    raise OSError(28, os.strerror(28))


def test_a_claim_that_cannot_be_written_leaves_nothing(store, draft, monkeypatch):
    monkeypatch.setattr(writer, "write_record", refuse_the_record)
    with pytest.raises(StoreError, match="cannot be written: No space left on device"):
        store.begin(draft())
    assert [entry.name for entry in (store.root / ".jobs").iterdir() if entry.is_dir()] == []
    monkeypatch.undo()
    assert store.list() == ()
    store.begin(draft())


FULL = """
import sys
from pathlib import Path
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import StoreError
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
disk = Path(sys.argv[1])
store = RunStore(disk / "runs")
draft = Run("", "running", "tile", "/nowhere", PatchCoreConfig(), Path(), identity="same")

def fill():
    try:
        with (disk / "other").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(512))
    except OSError:
        return

begun = store.begin(draft)
fill()
try:
    store.begin(Run("", "running", "tile", "/nowhere", PatchCoreConfig(), Path(), identity="other"))
except StoreError as error:
    print(error)
with begun.recording_the_end():
    raise StoreError("the disk is full, so this fit ends here")
"""


def test_a_fit_on_a_full_disk_ends_with_its_reason(tmp_path):
    """1 MiB of memory as a disk; another program fills it while the fit is at work."""
    with small_disk(tmp_path / "disk", mebibytes=1) as disk:
        done = subprocess.run([sys.executable, "-c", FULL, str(disk)], capture_output=True, text=True, cwd=ROOT)
        assert "cannot be written: No space left on device" in done.stdout
        assert done.returncode == 1
        (run,) = RunStore(disk / "runs").list()
        assert (run.status, run.error, run.broken) == ("failed", "the disk is full, so this fit ends here", False)
        assert sorted(entry.name for entry in run.folder.iterdir()) == ["run.json"]

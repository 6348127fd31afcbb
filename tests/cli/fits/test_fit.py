"""`fit` as it is typed: all categories, those that fail, what is left out, signals and terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress

import pytest

from patchcore_core.cli.fits import fit as fit_command
from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK, command, environment
from tests.tiny import write_category


@pytest.fixture
def typed(asked, stand_in, tmp_path):  # noqa: ARG001
    """`typed(*arguments)`: the answer within this process, where the stand-in takes the place of the network."""

    def ask(*arguments: object) -> subprocess.CompletedProcess[str]:
        code, out, err = asked(tmp_path, *arguments)
        return subprocess.CompletedProcess(arguments, code, out, err)

    return ask


def test_fit_prints_one_object_per_category(place):
    (record,) = json.loads((place / "fit.json").read_text())
    assert record["category"] == "tile"
    assert record["metrics"]["image_auroc"] == 1.0
    assert {"pixel_auroc", "aupro"} <= set(record["metrics"])
    assert {"features", "coreset", "predict", "evaluate", "total"} <= set(record["seconds"])
    assert record["bank"]["bytes"] == record["bank"]["rows"] * record["bank"]["dim"] * 2
    assert record["peak_rss_bytes"] > 50_000_000
    assert RunStore(place / "runs").get(record["run"]).config.layers == ("blocks.2",)


def test_fit_without_a_category_fits_all_and_repeats_nothing(tmp_path, faked):
    for seed, name in enumerate(("tile", "plate")):
        write_category(tmp_path / "data" / name, seed=seed)
    first = command("fit", "data", "--runs", "here", "--json", cwd=tmp_path, **faked)
    assert [record["category"] for record in json.loads(first.stdout)] == ["plate", "tile"]
    again = command("fit", "data", "--runs", "here", "--json", cwd=tmp_path, **faked)
    expected = [{**record, "reused": True} for record in json.loads(first.stdout)]
    assert json.loads(again.stdout) == expected
    assert [record["reused"] for record in json.loads(first.stdout)] == [False, False]
    assert len(RunStore(tmp_path / "here").list()) == 2
    said = command("fit", "data", "--runs", "here", "--csv", "here.csv", cwd=tmp_path, **faked).stdout.splitlines()
    assert [line.split()[0] for line in said] == ["Category", "plate", "tile", "mean"]
    assert [line.split(",")[0] for line in (tmp_path / "here.csv").read_text().splitlines()] == [
        "Row Names", "plate", "tile", "Mean"]  # fmt: skip
    again = command("fit", "data", "--runs", "here", "--csv", "here.csv", cwd=tmp_path, **faked)
    assert (again.returncode, again.stdout) == (2, "")
    assert "here.csv: exists already" in again.stderr


def test_a_fit_that_exists_from_another_folder_is_called_an_existing_run(tmp_path, typed):
    shutil.copytree(write_category(tmp_path / "data" / "tile"), tmp_path / "copy" / "plate")
    first, second = (json.loads(typed("fit", folder, "--json").stdout)[0]
                     for folder in ("data/tile", "copy/plate"))
    assert (first["category"], first["reused"]) == ("tile", False)
    assert second == {**first, "category": "plate", "reused": True}
    said = typed("fit", "copy/plate").stdout
    title, row, *_ = said.splitlines()
    assert title.split() == ["Category", "Image", "AUROC", "Pixel", "AUROC", "AUPRO", "Seconds", "Run", "Note"]
    assert row.startswith("plate ")
    assert row.endswith(f"  {first['seconds']['total']:.1f}  {first['run']}  existing run")


def test_a_category_that_fails_is_reported_and_the_others_are_fitted(tmp_path, faked):
    write_category(tmp_path / "data" / "tile")
    (tmp_path / "data" / "empty" / "train" / "good").mkdir(parents=True)
    done = command("fit", "data", "--json", cwd=tmp_path, **faked)
    assert done.returncode == 2
    failed, fitted = json.loads(done.stdout)
    assert (failed["category"], failed["run"]) == ("empty", None)
    assert "train/good: holds no images" in failed["error"]
    assert fitted["run"] is not None
    first, ended, last = done.stderr.splitlines()
    assert (first, last) == (f"error: empty: {failed['error']}", "error: 1 of 2 categories failed")
    assert re.fullmatch(r"\[2 of 2\] tile: finished in \d+\.\d s, Image AUROC 1\.000", ended)


def test_what_nobody_foresaw_is_reported_too(tmp_path, faked):
    write_category(tmp_path / "tile")
    done = command("fit", "tile", cwd=tmp_path, **faked, STAND_IN="bug")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: RuntimeError: the stand-in was told to break"


def _heeds_signals() -> None:
    """Tests that a shell runs in the background, or under nohup, have inherited that SIGINT or SIGHUP is ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _as_nohup_does() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def test_a_closed_terminal_ends_no_fit_that_was_started_with_nohup(tmp_path, faked):
    write_category(tmp_path / "tile")
    line = [sys.executable, "-m", "patchcore_core", "fit", "tile"]
    process = subprocess.Popen(line, cwd=tmp_path, env=environment(**faked, STAND_IN="sleep"), stderr=subprocess.PIPE,
                               preexec_fn=_as_nohup_does)
    store, deadline = RunStore(tmp_path / "runs"), time.monotonic() + 60

    def done() -> int:
        seen = [now.done for run in store.list() if run.alive and (now := store.progress(run.id)) is not None]
        return max(seen, default=0)

    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    before = done()
    process.send_signal(signal.SIGHUP)
    while done() < before + 30:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_fit_exits_with_130_and_its_run_is_cancelled(tmp_path, faked, number):
    write_category(tmp_path / "tile")
    line = [sys.executable, "-m", "patchcore_core", "fit", "tile"]
    env = environment(**faked, STAND_IN="sleep")
    process = subprocess.Popen(line, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True,
                               preexec_fn=_heeds_signals)
    store, deadline = RunStore(tmp_path / "runs"), time.monotonic() + 60
    while not any(run.alive and store.progress(run.id) for run in store.list()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "error: cancelled\n")
    (run,) = store.list()
    assert run.status == "cancelled"


def test_progress_is_drawn_on_a_terminal_only(tmp_path, faked):
    write_category(tmp_path / "tile")
    quiet = command("fit", "tile", cwd=tmp_path, **faked)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 100))
    line, env = [sys.executable, "-m", "patchcore_core", "fit", "tile", "--seed", "1"], environment(**faked)
    done = subprocess.run(line, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    assert done.returncode == 0
    drawn = b""
    with suppress(OSError):  # how a terminal says that nobody writes any more
        while chunk := os.read(ours, 4096):
            drawn += chunk
    os.close(ours)
    assert b"evaluate: 100%" in drawn


def test_fit_leaves_out_what_is_excluded_and_says_so(tmp_path, typed):
    for seed, name in enumerate(("tile", "plate")):
        write_category(tmp_path / "data" / name, seed=seed)
    gone = ("--exclude", "tile/train/good/000.png", "--exclude", "data/plate/test/good")
    said = typed("fit", "data", *gone)
    assert said.returncode == 0
    assert [line.partition(": finished in ")[0] for line in said.stderr.splitlines()] == ["[1 of 2] plate",
                                                                                          "[2 of 2] tile"]
    plate = [f"plate  without test/good/{number:03d}.png" for number in range(3)]
    assert said.stdout.splitlines()[-4:] == [*plate, "tile  without train/good/000.png"]
    again = json.loads(typed("fit", "data", *gone, "--json").stdout)
    assert [(record["reused"], len(record["excluded"])) for record in again] == [(True, 3), (True, 1)]
    run = RunStore(tmp_path / "runs").get(again[1]["run"])
    assert (run.excluded, run.counts.train) == (("train/good/000.png",), 5)
    assert "\nexcluded  train/good/000.png\n" in typed("show", run.id).stdout
    whole = json.loads(typed("fit", "data/tile", "--json").stdout)
    assert (whole[0]["reused"], whole[0]["excluded"]) == (False, [])


@pytest.mark.parametrize(("path", "words"), [
    ("tile/train/good/00.png", ("cannot be excluded", "the nearest are tile/train/good/00")),
    ("train/good/000.png", ("photos of several categories", "plate/train/good/000.png or tile/train/good/000.png")),
    ("tile/train", ("no training photos are left, all 6 are excluded",)),
    ("/etc/passwd", ("/etc/passwd: cannot be excluded",)),
])  # fmt: skip
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--json",)])
def test_a_path_to_exclude_that_means_no_photo_is_refused_at_once(place, refused, path, words, more):
    good = ("--exclude", "plate/train/good/000.png")
    refused(place, ("fit", "data", *QUICK, *good, "--exclude", path, *more, "--runs", "refused too"), words)
    assert RunStore(place / "refused too").list() == ()


def test_what_is_doubtful_is_said_in_words_on_a_line_each(tmp_path, typed):
    write_category(tmp_path / "tile")
    (tmp_path / "tile" / "test" / "empty").mkdir()
    shutil.copy(tmp_path / "tile/train/good/000.png", tmp_path / "tile/test/good/000.png")
    empty = f"warning: tile: {tmp_path / 'tile/test/empty'}: holds no images"
    for more in ((), ("--json",)):
        done = typed("fit", "tile", *more)
        assert done.returncode == 0
        lines = done.stderr.splitlines()
        assert lines[0] == empty
        assert all(line.startswith("warning: tile: ") for line in lines)
        assert any("in training" in line for line in lines[1:])
    (tmp_path / "tile" / "test" / "empty").rmdir()
    again = typed("fit", "tile", "--json")
    assert json.loads(again.stdout)[0]["reused"]
    assert "holds no images" not in again.stdout + again.stderr


def test_of_several_categories_the_time_for_all_that_are_left_is_told():
    whole = fit_command._Whole([10, 20, 30, 0])
    assert whole.title("a") == "a, 1 of 4:"
    whole.ended(0.1, computed=False)  # it was there already
    assert whole.title("b") == "b, 2 of 4:"
    whole.ended(40.0, computed=True)
    assert whole.title("c") == "c, 3 of 4, about 60 s for all that are left:"
    assert fit_command._Whole([10]).title("a") == "a"

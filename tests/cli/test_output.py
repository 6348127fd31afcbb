"""Progress bars on a terminal."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from patchcore_core.cli import output
from patchcore_core.cli.main import main
from patchcore_core.cli.tables.layout import heading
from patchcore_core.errors import DataError
from tests.cli.calling import environment

FULL = Path("/dev/full")


def test_a_bar_that_ctrl_c_left_half_made_goes_without_a_complaint(monkeypatch):
    said = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    bar = output.Bar.__new__(output.Bar)  # what is there before tqdm has set anything
    del bar
    gc.collect()
    assert said == []


def test_nothing_that_a_record_says_commands_the_terminal(capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    lines = [heading("Run\x1b[2J", 80), "red \x1b[31m bell \x07", "Fuß — 缺陷"]
    output.print_answer(Namespace(json=False), {}, lines)
    output.warn("tile", ["a \x1b[2J b"])
    assert output.report_error(DataError("c \x1b[2J\nd"), "tile") == "c \x1b[2J\nd"
    said = capsys.readouterr()
    assert said.out == "\x1b[1mRun\\x1b[2J\x1b[0m\nred \\x1b[31m bell \\x07\nFuß — 缺陷\n"
    assert said.err == "warning: tile: a \\x1b[2J b\nerror: tile: c \\x1b[2J\nd\n"


def test_what_an_error_says_of_a_record_commands_no_terminal(store, draft, capsys, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    writer = store.begin(draft())
    writer.end("failed", "a\x1b[2J\nb.png: broken")
    assert main(["export-run", writer.run.id, "--runs", str(store.root)]) == 2
    assert capsys.readouterr().err == f"error: run {writer.run.id} is failed: a\\x1b[2J\nb.png: broken\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
def test_an_answer_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "runs" / ".jobs").mkdir(parents=True)
    with FULL.open("w") as full:
        done = subprocess.run([sys.executable, "-m", "patchcore_core", "runs", "--json"], stdout=full, text=True,
                              stderr=subprocess.PIPE, cwd=tmp_path, env=environment(), check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2, "error: standard output: cannot be written: No space left on device\n")

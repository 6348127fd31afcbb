"""Progress bars on a terminal."""

from __future__ import annotations

import gc
import sys
from argparse import Namespace

from patchcore_core.cli import output
from patchcore_core.cli.tables.layout import heading
from patchcore_core.errors import DataError


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

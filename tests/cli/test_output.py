"""Progress bars on a terminal."""

from __future__ import annotations

import gc
import sys

from patchcore_core.cli import output


def test_a_bar_that_ctrl_c_left_half_made_goes_without_a_complaint(monkeypatch):
    said = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    bar = output.Bar.__new__(output.Bar)  # what is there before tqdm has set anything
    del bar
    gc.collect()
    assert said == []

"""`report`: the file it writes, and what it refuses before it computes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patchcore_core.cli import report as report_module
from patchcore_core.cli.main import main
from patchcore_core.errors import StoreError
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.tiny import save


@pytest.fixture
def run(store: RunStore, draft: Callable[..., Run], finish: Any) -> Run:
    made = finish(store.begin(draft()), thresholds={"heldout_p99": 1.0}, shape=(4, 4))
    for number in range(2):
        save(Path(made.dataset, "test", f"{number}.png"), np.full((20, 30, 3), 100, np.uint8))
    return made


@pytest.fixture
def call(store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`call(RUN, ...)` is the exit code, and what stands on standard output and error."""

    def go(*arguments: str, out: str = "made.html") -> tuple[int, str, str]:
        code = main(["report", *arguments, "--out", str(tmp_path / out), "--runs", str(store.root)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def test_one_file_is_written_and_its_size_printed(run: Run, call: Any, tmp_path: Path) -> None:
    code, said, warned = call(run.id)
    size = (tmp_path / "made.html").stat().st_size
    assert (code, said) == (0, f"{tmp_path}/made.html: {size / 1e6:.1f} MB, 2 images to look into\n")
    assert warned.startswith("warning: tile: the evidence is left out: ")  # this run has no memory bank to load
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["made.html"]


def test_as_json_and_without_evidence(run: Run, call: Any, tmp_path: Path) -> None:
    code, said, warned = call(run.id, "--no-evidence", "--json", "--example", "test/1.png", "--images", "1")
    assert (code, warned) == (0, "")
    assert json.loads(said) == {"out": str(tmp_path / "made.html"), "images": 1, "photo_side": 900, "pdf": None,
                                "bytes": (tmp_path / "made.html").stat().st_size}  # fmt: skip


def test_nothing_is_overwritten_unasked(run: Run, call: Any, tmp_path: Path) -> None:
    (tmp_path / "made.html").write_text("mine")
    code, _, said = call(run.id, "--no-evidence")
    assert (code, said) == (2, f"error: {tmp_path}/made.html: exists already; name another file, or give "
                               "--overwrite\n")
    assert (tmp_path / "made.html").read_text() == "mine"
    assert call(run.id, "--no-evidence", "--overwrite")[0] == 0


@pytest.mark.parametrize(("arguments", "words"), [
    (["--example", "no.png"], "has no test image no.png"), (["--images", "0"], "--images must be 1 or more, got 0"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(run: Run, call: Any, arguments: list[str], words: str) -> None:
    code, _, said = call(run.id, *arguments)
    assert code == 2
    assert words in said
    assert said.count("\n") == 1


def test_runs_that_are_not_there_or_of_another_category(
    run: Run, call: Any, store: RunStore, draft: Callable[..., Run], finish: Any
) -> None:
    other = finish(store.begin(draft(identity="other", category="bottle")), thresholds={}, shape=(4, 4))
    assert call("nobody")[0] == 2
    code, _, said = call(run.id, other.id, "--no-evidence")
    assert code == 2
    assert "runs of several categories cannot be presented together" in said


def test_without_a_browser_a_pdf_is_a_sentence(run: Run, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    code, _, said = call(run.id, "--pdf")
    assert code == 2
    assert "--pdf needs Chromium or Chrome" in said
    assert "can be printed from any browser" in said


def test_the_pdf_stands_beside_the_file(run: Run, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def printing(command: list[str], *_: object) -> None:
        commands.append(command)
        target = next(part for part in command if part.startswith("--print-to-pdf="))
        Path(target.partition("=")[2]).write_bytes(b"%PDF")

    monkeypatch.setattr(report_module, "run_program", printing)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    code, said, _ = call(run.id, "--pdf", "--no-evidence")
    assert code == 0
    assert said.splitlines()[1] == f"{tmp_path}/made.pdf"
    assert (tmp_path / "made.pdf").read_bytes() == b"%PDF"
    assert commands[0][-1] == (tmp_path / "made.html").as_uri()


def test_a_browser_that_fails_or_writes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "made.html").write_text("")
    with pytest.raises(StoreError, match="wrote no PDF"):
        report_module.print_pdf("true", tmp_path / "made.html", tmp_path / "made.pdf")
    with pytest.raises(StoreError, match="printing the PDF failed"):
        report_module.print_pdf("false", tmp_path / "made.html", tmp_path / "made.pdf")

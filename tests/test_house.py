"""The rules of the house (docs/design.md, section 2), read from the imports and, for torch, tried out."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import sizes
from tests.house.modules import CORE, PAGES, imported_modules, imports, in_circles, name_of
from tests.places import ROOT

ARROWS = {  # what a wing may import from, beside itself and what is open to all
    "data": (),
    "model": ("data",),
    "evaluation": ("data", "model"),
    "runs": ("data", "model", "evaluation"),
    "reviews": ("data", "evaluation", "runs", "views"),
    "fitting": ("data", "model", "evaluation", "runs"),
    "jobs": ("data", "runs", "fitting"),
    "views": ("data", "evaluation"),
    "exports": ("data", "evaluation", "runs", "reviews", "views"),
    "cli": ("data", "model", "evaluation", "runs", "fitting", "jobs", "views", "reviews", "exports"),
}
OPEN_TO_ALL = ("errors", "config", "checked", "codec", "memory_size", "progress", "in_threads", "lasting")
MODEL_PARTS = {"network.backbone", "embedding", "coreset", "memory_bank", "scoring"}
STARTERS = {"subprocess", "multiprocessing", "concurrent.futures.process"}
FILE, FUNCTION, FOLDER = 300, 50, 16  # at most: lines, lines, files

# These may still be larger. Whoever makes one small enough takes it out: the rules below fail until that is done.
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
FULL_FOLDERS: set[str] = set()


def of_core(path: Path) -> set[str]:
    """The first part below patchcore_core of what a file imports: a wing or a file beside the wings."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("patchcore_core.")}


def wing_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT / "patchcore_core").parts
    return parts[0] if len(parts) > 1 else None


def test_the_rules_look_at_files():
    assert len(CORE) > 30
    assert len(PAGES) > 10
    assert {wing_of(path) for path in CORE} == {*ARROWS, None}


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_neither_streamlit_nor_pages(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"streamlit", "pages", "app"}


@pytest.mark.parametrize("path", [path for path in CORE if wing_of(path)], ids=name_of)
def test_a_wing_imports_only_along_the_arrows(path):
    wing = wing_of(path)
    assert of_core(path) <= {wing, *ARROWS[wing], *OPEN_TO_ALL}


@pytest.mark.parametrize("path", [path for path in CORE if path.stem in OPEN_TO_ALL], ids=name_of)
def test_what_is_open_to_all_knows_no_wing(path):
    assert of_core(path) <= {*OPEN_TO_ALL}


def test_no_modules_import_each_other_around():
    graph = imported_modules([*CORE, *PAGES])
    assert graph["patchcore_core.data.layouts"] > {"patchcore_core.data.layouts.assemble"}
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c"}
    assert not in_circles(graph)


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_only_the_main_path_knows_the_parts_of_the_model_together(path):
    used = {part for part in MODEL_PARTS if f"patchcore_core.model.{part}" in imports(path)}
    if path.name == "patchcore.py":
        assert used == MODEL_PARTS
    else:
        assert len({part for part in used if not part.endswith(path.stem)}) <= 1


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=name_of)
def test_only_jobs_starts_processes(path):
    text = path.read_text(encoding="utf-8")
    starts = bool(imports(path) & STARTERS) or any(f"os.{call}" in text for call in ("fork", "spawn", "exec", "system"))
    assert starts == (path == ROOT / "patchcore_core/jobs/jobs.py")


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=name_of)
def test_nothing_pickles(path):
    assert not imports(path) & {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
    assert "allow_pickle=True" not in path.read_text(encoding="utf-8")


def test_importing_brings_no_torch_outside_the_model_wing():
    modules = [name_of(path) for path in CORE if wing_of(path) != "model" and path.stem != "__main__"]
    modules += [name_of(path) for path in PAGES if path.is_relative_to(ROOT / "pages" / "ui")]
    script = (
        "import importlib, json, sys\n"
        "guilty = []\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        "    if heavy := [found for found in ('torch', 'timm', 'torchvision', 'faiss') if found in sys.modules]:\n"
        "        guilty.append((name, heavy)); break\n"
        "print(json.dumps(guilty))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_entry_file_is_navigation_and_the_server_and_nothing_else():
    body = [node for node in ast.parse((ROOT / "app.py").read_text()).body if not isinstance(node, ast.ImportFrom)]
    assert len(body) == 2  # the docstring and the choice
    assert ast.unparse(body[1]).splitlines() == [
        "if __name__ == '__main__':", "    navigation().run()", "else:",
        "    app = App(__file__, lifespan=working, routes=routes(), "
        "middleware=[Middleware(OnlySignedIn), Middleware(WayBack), Middleware(BoundedUploads)])"]


def test_the_design_lists_the_folders_that_are_there():
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    layout = text[text.index("## 2.") : text.index("## 3.")]
    assert max(map(len, layout.splitlines())) <= 120
    listed, above = set(), [""]
    for line in layout[: layout.index("```\n\n")].splitlines():
        if entry := re.match(r"( *)([\w.]+)/  ", line):
            depth = len(entry[1]) // 2
            above[depth:] = ["/".join(filter(None, [*above[depth - 1 : depth], entry[2]]))]
            listed.add(above[depth])
    folders = {path.parent.relative_to(ROOT).as_posix() for path in [*CORE, *PAGES]}
    assert {name for name in listed if name.startswith(("patchcore_core", "pages"))} == folders


def test_there_is_something_to_measure():
    assert {".py", ".js", ".css", ".md"} <= {path.suffix for path in sizes.files()}
    assert sizes.long_files(0)["app.py"] > 3
    assert len(sizes.long_functions(5)) > 500
    assert sizes.full_folders(5)["patchcore_core/runs"] > 10


def test_no_file_of_code_is_long():
    held(sizes.long_files(FILE), LONG_FILES, f"lines; at most {FILE}")


def test_no_function_is_long():
    held(sizes.long_functions(FUNCTION), LONG_FUNCTIONS, f"lines; at most {FUNCTION}")


def test_no_folder_is_full():
    held(sizes.full_folders(FOLDER), FULL_FOLDERS, f"files; at most {FOLDER}")


def held(found: dict[str, int], excepted: set[str], rule: str) -> None:
    """Nothing is found but what is excepted, and all that is excepted is found."""
    assert not {name: f"{count} {rule}" for name, count in found.items() if name not in excepted}
    assert not excepted - set(found), "exceptions no longer needed: take them out of this file"

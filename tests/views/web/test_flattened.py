"""One text made of a widget's modules: it runs without imports, and what it cannot hold is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from patchcore_core.views import web

WIDGETS = sorted(
    str(path.relative_to(web.FOLDER).with_suffix("")) for path in web.FOLDER.rglob("*.js")
    if "export const mount" in path.read_text(encoding="utf-8")
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of that of the widgets."""
    monkeypatch.setattr(web, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def test_each_widget_has_its_folder():
    assert {name.split("/")[0] for name in WIDGETS} == {path.name for path in web.FOLDER.iterdir() if path.is_dir()} - {
        "lib", "__pycache__",
    }  # fmt: skip


@pytest.mark.parametrize("widget", WIDGETS)
def test_nothing_is_imported_and_each_module_stands_once(widget):
    text = web.flattened(widget)
    assert not re.search(r"^\s*(?:import|export)\b", text, re.MULTILINE)
    heads = re.findall(r"^const (module\d+) = \(\(\) => \{$", text, re.MULTILINE)
    assert heads == [f"module{number}" for number in range(len(heads))]
    assert text.count("\nclass Life {\n") <= 1
    assert text.endswith(f"const widget = {heads[-1]};\n")


@pytest.mark.parametrize("widget", [name for name in WIDGETS if web.css(name)])
def test_what_text_looks_like_stands_once(widget):
    base = "present" if widget.split("/")[0] in ("present", "report") else "lib"
    text = web.css(widget)
    assert "@import" not in text
    assert text.count((web.FOLDER / base / "base.css").read_text(encoding="utf-8")) == 1
    assert text.count("font-family: var(--st-font);") <= 1
    assert text.count("[hidden] {") == 1


def test_what_is_imported_stands_first_and_once(folder):
    write(folder, low="export const LOW = 1; // one\n",
          middle='import { LOW } from "./low.js";\n/** Twice. */\nexport const TWO = 2 * LOW;\n',
          top='import {\n  LOW as ONE,\n} from "./low.js";\nimport { TWO } from "./middle.js";\n// Adds.\n'
              "export function sum() {\n  return ONE + TWO;\n}\n")  # fmt: skip
    assert web.flattened("top") == (
        "const module0 = (() => {\nconst LOW = 1; // one\nreturn { LOW };\n})();\n"
        "const module1 = (() => {\nconst { LOW } = module0;\nconst TWO = 2 * LOW;\nreturn { TWO };\n})();\n"
        "const module2 = (() => {\nconst { LOW: ONE } = module0;\nconst { TWO } = module1;\n"
        "function sum() {\nreturn ONE + TWO;\n}\nreturn { sum };\n})();\n"
        "const widget = module2;\n"
    )


def test_what_stands_between_two_comments_stays(folder):
    write(folder, one="const a =\n  /** @type {number} */ (1);\n/** Two. */\nexport const b = a;\n")
    assert "const a =\n/** @type {number} */ (1);\nconst b = a;\n" in web.flattened("one")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('import { a } from "./none.js";', "imports './none.js', which is no file"),
        ('import { a } from "lodash";', "imports 'lodash', which is no file"),
        ('import * as a from "./other.js";', "import \\* as a"),
        ('import "./other.js";', 'import "./other.js"'),
        ('const a = await import("./other.js");', "await import"),
        ("const a = import.meta.url;", "import.meta"),
        ('import { lacking } from "./other.js";', "lacking is not exported by"),
        ("const a = `one\n  two`;", "a template must end on its line"),
        ("export default 1;", "export default 1"),
        ("export let a = 1;", "export let a"),
        ('export { a } from "./other.js";', "export { a }"),
        ('import { back } from "./back.js";', "imports itself by way of back.js"),
    ],
)
def test_what_cannot_be_one_text_is_refused_with_its_file(folder, text, cause):
    write(folder, one=text + "\n", other="export const A = 1;\n",
          back='import { one } from "./one.js";\nexport const back = 1;\n')  # fmt: skip
    with pytest.raises(ValueError, match=rf"one\.js: .*{cause}"):
        web.flattened("one")


def test_css_stands_beside_the_module():
    assert ".gallery" in web.css("gallery")
    assert web.css("viewer").index(".stage {") < web.css("viewer").index(".controls {")
    assert web.css("workspace/post") == ""


def test_css_of_lib_stands_where_it_is_imported():
    text = web.css("filter_bar")
    assert "@import" not in text
    assert text.index(".button,") < text.index(".filter-bar {")

"""Our widgets for the browser: ES modules and CSS that know nothing of Streamlit, in a folder each.

A widget's module exports `mount(root, data, emit)` (lib/life.js); its CSS is meant for a shadow tree of its own. A page
that is served may import the files as they stand. Streamlit takes a component's script as one text, in which nothing
can be imported by a relative path: `flattened` makes that text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^.*?(?:^(?:import|export)\b|\bimport\s*[.(]).*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_SHARED = re.compile(r'^@import "(\.\./\w+/\w+\.css)";\n', re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)


@dataclass(frozen=True)
class _Module:
    """One file: its imports (the names between the braces, and the file), exports and code."""

    imports: tuple[tuple[str, Path], ...]
    exports: frozenset[str]
    code: str


def css(widget: str) -> str:
    """The CSS of a widget, all files of its folder, the one of its name first; "" for a module beside another's.

    What the files take from other folders by `@import "../lib/name.css";` stands where they name it.
    """
    path = _path(widget).with_suffix(".css")
    beside = sorted(path.parent.glob("*.css"), key=lambda file: (file != path, file)) if path.is_file() else []
    text = "".join(file.read_text(encoding="utf-8") for file in beside)
    return _SHARED.sub(lambda found: (path.parent / found[1]).read_text(encoding="utf-8"), text)


def flattened(widget: str) -> str:
    """JavaScript that defines `widget`, an object of what the widget's module exports, without any import.

    Each module becomes a function that is called once and returns its exports, those it imports first; comments and
    indents are left out, for Streamlit sends the text with each run. Only `import { names } from "./file.js"` and
    exported functions, classes and constants are known; all else, a name that is not exported, modules that import each
    other and a template of several lines are a ValueError that names the file.
    """
    order = _in_order(_path(widget))
    names = {path: f"module{number}" for number, path in enumerate(order)}
    parts = [f"const {names[path]} = (() => {{\n{_body(path, names)}}})();\n" for path in order]
    return "".join(parts) + f"const widget = {names[order[-1]]};\n"


def _path(widget: str) -> Path:
    """Of a widget's module: the file of the folder's name, or the one that is named."""
    path = FOLDER / widget
    return path / f"{path.name}.js" if path.is_dir() else path.with_suffix(".js")


def _in_order(path: Path, above: tuple[Path, ...] = ()) -> list[Path]:
    """This module after all that it imports, each once."""
    if path in above:
        raise ValueError(f"{path}: imports itself by way of {above[-1].name}")
    found: list[Path] = []
    for _, imported in _read(path).imports:
        found += [one for one in _in_order(imported, (*above, path)) if one not in found]
    return [*found, path]


def _body(path: Path, names: dict[Path, str]) -> str:
    module, lines = _read(path), []
    for wanted, imported in module.imports:
        pairs = [re.split(r"\s+as\s+", name.strip()) for name in wanted.split(",") if name.strip()]
        if lacking := [pair[0] for pair in pairs if pair[0] not in _read(imported).exports]:
            raise ValueError(f"{path}: {', '.join(lacking)} is not exported by {imported}")
        lines.append(f"const {{ {', '.join(': '.join(pair) for pair in pairs)} }} = {names[imported]};\n")
    return f"{''.join(lines)}{module.code}return {{ {', '.join(sorted(module.exports))} }};\n"


@cache
def _read(path: Path) -> _Module:
    code = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    imports = tuple((names, _resolved(path, source)) for names, source in _IMPORT.findall(code))
    exports = frozenset(_EXPORT.findall(code))
    code = _INDENT.sub("", re.sub(r"\n{2,}", "\n", _EXPORT.sub("", _IMPORT.sub("", code)))).strip("\n") + "\n"
    if line := next((line for line in code.splitlines() if line.count("`") % 2), None):
        raise ValueError(f"{path}: a template must end on its line: {line!r}")
    if other := _OTHER.search(code):
        raise ValueError(f"{path}: cannot be made part of one text with {other.group().strip()!r}")
    return _Module(imports, exports, code)


def _resolved(path: Path, source: str) -> Path:
    found = (path.parent / source).resolve()
    if not (source.startswith(".") and found.is_file()):
        raise ValueError(f"{path}: imports {source!r}, which is no file beside it")
    return found

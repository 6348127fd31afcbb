"""How long files and functions are, and how many files a folder holds."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.house import javascript
from tests.places import ROOT

CODE = (".py", ".js", ".css")
PLACES = ("patchcore_core", "pages", "tests", "benchmarks", ".ci", "docs")
NOT_OURS = ("__pycache__", "node_modules")


def files() -> list[Path]:
    """All files of the repository that people write: code, data and documents."""
    found = [path for place in PLACES for path in (ROOT / place).rglob("*") if path.is_file()]
    found += [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".git")]
    return sorted(path for path in found if not set(path.parts) & {*NOT_OURS} and path.suffix != ".pyc")


def long_files(most: int) -> dict[str, int]:
    """Files of code with more lines than this, and how many they have."""
    counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files() if path.suffix in CODE}
    return {name(path): count for path, count in counts.items() if count > most}


def long_functions(most: int) -> dict[str, int]:
    """Functions with more lines than this, as `file: function`."""
    return {
        f"{name(path)}: {function}": lines
        for path in files()
        if path.suffix in (".py", ".js")
        for function, lines in functions(path)
        if lines > most
    }


def functions(path: Path) -> list[tuple[str, int]]:
    """The name and the number of lines of each function in a file of Python or JavaScript."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return [(function.name, function.lines) for function in javascript.functions(text)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]  # fmt: skip


def full_folders(most: int) -> dict[str, int]:
    """Folders that hold more files than this, `__init__.py` not counted."""
    counts = Counter(path.parent for path in files() if path.name != "__init__.py")
    return {name(folder): count for folder, count in counts.items() if count > most}


def name(path: Path) -> str:
    """A path below the repository, as it is written in a rule."""
    return path.relative_to(ROOT).as_posix()

"""The modules of the core and of the pages, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.places import ROOT

CORE = sorted((ROOT / "patchcore_core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))


def name_of(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> frozenset[str]:
    """Everything that a file imports, anywhere in it, as full names; `from a import b` gives both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name is from"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def imported_modules(paths: list[Path]) -> dict[str, set[str]]:
    """Which of these modules each of them imports, in functions too; `from a import b` is a.b where that is one."""
    names = {name_of(path) for path in paths}
    return {name_of(path): (_targets(path, names) & names) - {name_of(path)} for path in paths}


def _targets(path: Path, names: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & names | ({str(node.module)} if inner - names else set())
    return found


def in_circles(graph: Mapping[str, set[str]]) -> set[str]:
    """The modules that import themselves by way of others."""
    return {name for name in graph if name in _reached(graph, name)}


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached

"""Links between photos lead to the file that the system opens."""

from __future__ import annotations

import os
from pathlib import Path

from patchcore_core.data.layouts.unused import _Files


def test_files_behind_links_are_those_of_the_system(tmp_path: Path) -> None:
    pool, shown = tmp_path / "pool", tmp_path / "shown"
    (pool / "deep").mkdir(parents=True)
    for name in ("a.png", "b.png", "deep/c.png"):
        (pool / name).touch()
    shown.symlink_to(pool)  # a folder
    (pool / "relative.png").symlink_to("deep/../a.png")
    (pool / "deep" / "up.png").symlink_to("../b.png")
    (pool / "twice.png").symlink_to(shown / "relative.png")
    (pool / "gone.png").symlink_to("nowhere.png")
    (pool / "loop.png").symlink_to("loop.png")
    files = _Files([])
    for path in [*pool.rglob("*.png"), *(shown / name for name in ("twice.png", "deep/up.png", "b.png"))]:
        assert files._real(path) == os.path.realpath(path), path
    assert shown / "twice.png" in _Files([pool / "a.png"])
    assert pool / "twice.png" not in _Files([pool / "b.png"])

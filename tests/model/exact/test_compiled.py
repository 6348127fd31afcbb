"""Machine code works whatever becomes of the folder that keeps it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

MODULE = """
from patchcore_core.model.exact.compiled import compiled

@compiled()
def double(x):
    return 2 * x
"""
BREAK = {
    "nothing": "",
    "full disk": "import tempfile, numba.core.caching as c\n"
    "def full(*_): raise OSError(28, 'No space left on device')\n"
    "c.IndexDataCacheFile.save = full\n",
    "unreadable": "import numba.core.caching as c\n"
    "def broken(*_): raise EOFError\n"
    "c.IndexDataCacheFile.load = broken\n",
    "no folder": "import numba.core.caching as c\nc.CacheImpl._locator_classes = []\n",
}


@pytest.mark.parametrize(("name", "kept"), [
    ("nothing", True), ("full disk", False), ("unreadable", True), ("no folder", False),
])  # fmt: skip
def test_functions_work_whatever_becomes_of_the_cache(name: str, kept: bool, tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(MODULE)
    run = BREAK[name] + "import made\nassert made.double(21) == 42\n"
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", run], check=True, env=environment)
    assert any(tmp_path.glob("cache/**/*.nbc")) == kept

"""A little memory as a disk, for what happens when it is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchmarks.harness import small_disk as real


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A disk of this size in this new folder; the test is skipped where none may be mounted."""
    with ExitStack() as stack:
        try:
            stack.enter_context(real.small_disk(folder, mebibytes))
        except OSError as error:
            pytest.skip(str(error))
        yield folder

"""Keeping freed memory for reuse instead of returning it to the system between images."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

# glibc's mallopt(3): parameter -> value. Without them every tensor of a forward pass above 128 KiB (at most 32 MiB) is
# mapped, cleared page by page and unmapped again, which costs as much time as the network's arithmetic.
M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD = -3, -2, -1
MIB = 2**20
KEPT = {M_MMAP_THRESHOLD: 32 * MIB, M_TRIM_THRESHOLD: 256 * MIB, M_TOP_PAD: 16 * MIB}
VARIABLES = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES")


@cache
def keep_freed_memory() -> bool:
    """Let glibc keep up to 256 MiB of freed memory; return whether that was set.

    Once per process. Does nothing without glibc, or if the user has set one of glibc's own variables. Blocks larger
    than 32 MiB are still returned at once.
    """
    if not sys.platform.startswith("linux") or any(name in os.environ for name in VARIABLES):
        return False
    libc = _glibc()
    return libc is not None and all(libc.mallopt(parameter, value) == 1 for parameter, value in KEPT.items())


def give_back_freed_memory() -> None:
    """Return freed memory to the system, between two stages of a fit that must stay small."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Disable garbage collection while torch is imported, and exclude its objects from later collections.

    Collections take a fifth of the time of the import. Does nothing once torch is loaded.
    """
    if "torch" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _glibc() -> ctypes.CDLL | None:
    """The C library if it is glibc, else None."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except OSError:
        return None

"""Memory that is used again and again is kept instead of handed back to the system between two images."""

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
    """Let glibc keep up to 256 MiB of freed memory for the next image; whether that was done.

    Once per process. Nothing happens without glibc, or where the user has set one of glibc's own variables. Larger
    blocks than 32 MiB still go back to the system at once.
    """
    if not sys.platform.startswith("linux") or any(name in os.environ for name in VARIABLES):
        return False
    libc = _glibc()
    return libc is not None and all(libc.mallopt(parameter, value) == 1 for parameter, value in KEPT.items())


def give_back_freed_memory() -> None:
    """Hand what is freed back to the system: between two stages of a fit that must stay small."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Around what brings torch: Python looks for no garbage among its objects, which stay, then or ever after.

    Looking through them again and again takes a fifth of the time of the import. Nothing happens once torch is there.
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
    """The C library where it is glibc, None for any other."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except OSError:
        return None

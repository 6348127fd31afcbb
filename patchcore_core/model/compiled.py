"""Machine code from Python functions, by numba: compiled on first use, then kept in a cache where there can be one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: numba.njit without the interpreter lock; `options` are njit's."""

    def compile_(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # no folder to keep the machine code in
            return numba.njit(nogil=True, **options)(function)

    return compile_

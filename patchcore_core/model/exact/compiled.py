"""Functions compiled by numba on first use, and cached if there is a place for the cache."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba
from numba.core.caching import FunctionCache

logger = logging.getLogger(__name__)


class _Cache(FunctionCache):
    """Numba's cache; if its files cannot be read or written, functions are compiled in each process."""

    @contextmanager
    def _guard_against_spurious_io_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a damaged file can fail in any way
            logger.info("The machine code is not kept: %s", error)


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: numba.njit without the interpreter lock; `options` are njit's."""

    def compile_(function: Callable[..., Any]) -> Callable[..., Any]:
        dispatcher = numba.njit(nogil=True, **options)(function)
        try:
            dispatcher._cache = _Cache(function)
        except RuntimeError as error:  # no folder for the cache
            logger.info("The machine code is not kept: %s", error)
        return dispatcher

    return compile_

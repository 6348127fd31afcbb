"""Slow work in a thread, so that a page can draw meanwhile, and the part of it that is done in a process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from patchcore_core.errors import PatchCoreError
from patchcore_core.progress import Progress

R = TypeVar("R")
_LOG = logging.getLogger(__name__)
THREAD = "memory-bank"  # the name of the threads


class Stopped(Exception):
    """The work was asked to stop."""


class Work(Generic[R]):
    """`do(progress)` in a thread. While it is `working`, `done` of `total` steps of `stage`; then either its `result`
    or `error`, a sentence. Both are None if it was stopped."""

    def __init__(self, do: Callable[[Progress], R]) -> None:
        self.stage, self.done, self.total = "", 0, 0
        self.result: R | None = None
        self.error: str | None = None
        self.stopped = threading.Event()
        self._do = do
        self._thread = threading.Thread(target=self._work, name=THREAD, daemon=True)
        self._thread.start()

    @property
    def working(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to end at its next step."""
        self.stopped.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended, for at most so many seconds."""
        self._thread.join(seconds)

    def _work(self) -> None:
        try:
            self.result = self._do(self._note)
        except Stopped:
            return
        except PatchCoreError as error:
            self.error = str(error)
        except Exception as error:  # an exception in a thread would be lost
            _LOG.exception("work that a page had asked for failed")
            self.error = f"{type(error).__name__}: {error}".strip(": ")

    def _note(self, stage: str, done: int, total: int) -> None:
        if self.stopped.is_set():
            raise Stopped
        self.stage, self.done, self.total = stage, done, total

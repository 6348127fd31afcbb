"""What starts workers for as long as a dashboard runs: so that jobs go on after a worker was killed, or a reboot."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import count

from patchcore_core.errors import PatchCoreError
from patchcore_core.jobs.claims import recover
from patchcore_core.jobs.jobs import start_workers
from patchcore_core.jobs.queue_file import path_of
from patchcore_core.runs.presence import read_only
from patchcore_core.runs.store import RunStore

EVERY = 3.0  # seconds
THOROUGHLY = 10  # times between looks for runs that are not in the queue
_LOG = logging.getLogger(__name__)


class Starter:
    """Starts the workers of a store, and of its trials, in a thread, until it is told to stop."""

    def __init__(self, store: Callable[[], RunStore] = RunStore, every: float = EVERY) -> None:
        self._store, self._every = store, every
        self._stopped = threading.Event()
        self._said = ""
        self._thread = threading.Thread(target=self._work, name="starter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; workers go on."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        for number in count():
            try:
                self._look(thoroughly=number % THOROUGHLY == 0)
                self._said = ""
            except PatchCoreError as error:
                self._say(str(error))
            except Exception:  # an exception in a thread would be lost, and the queue would stand still
                _LOG.exception("no worker could be started")
            if self._stopped.wait(self._every):
                return

    def _look(self, thoroughly: bool) -> None:
        if read_only():
            return
        store = self._store()
        for each in (store, store.trials):
            if each.root.is_dir() and path_of(each.root).is_file():
                if thoroughly:
                    recover(each)
                start_workers(each)

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            _LOG.warning("no worker could be started: %s", sentence)
        self._said = sentence

"""The first start: write and fit the built-in sample set if the store is empty."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.sample.sample_set import sample_root, write_sample
from patchcore_core.errors import PatchCoreError
from patchcore_core.jobs import jobs
from patchcore_core.progress import Progress
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.store import RunStore

_LOG = logging.getLogger(__name__)


def fit_sample(store: RunStore, progress: Progress | None = None) -> tuple[str, ...]:
    """Write the sample set if missing and start one job per category; return the run ids.

    Safe to call from several processes at once: the set is written aside and renamed, and equal fits share a job.
    """
    refuse_changes("the sample set cannot be fitted")
    folders = write_sample(sample_root(), progress)
    return tuple(jobs.start(store, folder, folder.name, PatchCoreConfig.preset("quick")) for folder in folders)


@dataclass
class FirstStart:
    """`fit_sample` in a thread, so that a page can draw meanwhile; `error` is set if it failed."""

    store: RunStore
    stage: str = "sample"
    done: int = 0
    total: int = 0
    error: str | None = None
    _thread: threading.Thread = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._work, name="first-start", daemon=True)
        self._thread.start()

    @property
    def working(self) -> bool:
        """Whether the set is still being written or the jobs are still being started."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            fit_sample(self.store, self._note)
        except PatchCoreError as error:
            self.error = str(error)
        except Exception as error:  # an exception in a thread would be lost
            _LOG.exception("the sample set could not be fitted")
            self.error = f"the sample set could not be fitted: {error}"

    def _note(self, stage: str, done: int, total: int) -> None:
        self.stage, self.done, self.total = stage, done, total

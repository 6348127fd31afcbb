"""Writing a new run: progress while it computes, and its end."""

from __future__ import annotations

import dataclasses
import math
import secrets
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from patchcore_core.checked import between
from patchcore_core.codec import plain
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.evaluation.values import TrainingImages
from patchcore_core.lasting import sync, sync_all, sync_each
from patchcore_core.runs.files import TEXT, write_json, writing
from patchcore_core.runs.folder import (
    BANK,
    CURVES,
    IMAGES,
    LOG,
    MAP_SUMMARY,
    MAPS,
    PROGRESS,
    RECORD,
    REPLICATES,
    ROOM,
    ROW_USE,
    TRAINING_IMAGES,
    now,
    write_record,
)
from patchcore_core.runs.image_table import write_image_table
from patchcore_core.runs.listing import get_run, locked, log_path, put_in_place
from patchcore_core.runs.process import ProcessRecord, process_record
from patchcore_core.runs.record import LONGEST, Moment, Run
from patchcore_core.runs.time_left import TimeLeft

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from patchcore_core.evaluation.curve_points import Curves

LAST_WORDS = 2**17  # bytes kept free for the record of a fit that fails, maybe since the disk is full
Left = Annotated[float, between(-LONGEST, LONGEST)] | None
PROGRESS_INTERVAL = 0.3  # seconds between two writes of progress within a stage


@dataclasses.dataclass(frozen=True)
class RunProgress:
    """How far a run is: `done` of `total` steps of `stage`; `updated_at` is ISO time.

    `seconds_left` of the stage and `run_seconds_left` of the whole run, as seen then; None while unknown.
    """

    stage: str
    done: int
    total: int
    updated_at: Moment
    seconds_left: Left = None
    run_seconds_left: Left = None


class RunWriter:
    """Writes a run of the store in `root` until its end; RunStore.begin and RunStore.writer make one."""

    def __init__(self, root: Path, run: Run) -> None:
        self.root = root
        self.run = run
        self._stage, self._written = "", 0.0
        self._time_left = TimeLeft()

    def prepare(self, process: ProcessRecord) -> Path:
        """Make the run's folder, under another name, with its first record and room for its last one; `claiming` puts
        it in its place. One that a killed process leaves is removed by its name. Where that fails nothing stays."""
        folder = self.run.folder
        beside = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
        self.run = dataclasses.replace(self.run, process=process, updated_at=now())
        with writing(folder):
            beside.mkdir()
            try:
                (beside / ROOM).write_bytes(bytes(LAST_WORDS))
                write_record(dataclasses.replace(self.run, folder=beside), synced=False)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
        return beside

    def update(self, **changes: Any) -> None:
        """Change fields of the run, on disk too."""
        self.run = dataclasses.replace(self.run, **changes, updated_at=now())
        with writing(self.run.folder):
            write_record(self.run)

    def expect(self, stages: Mapping[str, float]) -> None:
        """Seconds that each stage should take, by a forecast: used until the pace of a stage is known."""
        self._time_left.expected = dict(stages)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Note the progress; a few times per second reach the disk, the begin and end of a stage always do."""
        clock = time.monotonic()
        left = self._time_left.note(stage, done, total, clock)
        if stage == self._stage and done < total and clock - self._written < PROGRESS_INTERVAL:
            return
        self._stage, self._written = stage, clock
        try:
            seen = RunProgress(stage, done, total, now(), _known(left), _known(self._time_left.of_run()))
            write_json(self.run.folder / PROGRESS, dataclasses.asdict(seen), synced=False)
        except OSError:
            return  # a reader holds the file, or the disk is full: then the fit's own writing says so

    def log(self, text: str) -> None:
        """Append to the log; an error in writing is ignored."""
        try:
            with log_path(self.root, self.run.id).open("a", **TEXT) as file:
                file.write(f"{now()[:19]} {text}\n")
        except OSError:
            return

    def finish(
        self,
        images: pd.DataFrame,
        curves: Curves,
        anomaly_maps: np.ndarray | None,
        save_bank: Callable[[Path], object],
        training_images: TrainingImages | None = None,
        **changes: Any,
    ) -> Run:
        """Write all files and the record, then put the run in its place; earlier attempts at it are removed. Each of
        these steps is on the disk before the next one, so that a power failure leaves no finished run by half.

        `images` has the columns of RunStore.images; `anomaly_maps` (N, H, W) are in the order of its rows, None where
        `judge` has written them into the folder already.
        """
        import numpy as np

        folder, root, log = self.run.folder, Path(self.run.dataset), log_path(self.root, self.run.id)
        with writing(folder):
            self.progress("writing", 0, 4)
            write_image_table(images, folder / IMAGES, root)
            np.savez_compressed(folder / CURVES, allow_pickle=False, **curves.arrays())
            if training_images is not None:
                write_json(folder / TRAINING_IMAGES, plain(training_images))
            self.progress("writing", 2, 4)
            if anomaly_maps is not None:
                np.save(folder / MAPS, anomaly_maps, allow_pickle=False)
            self.progress("writing", 3, 4)
            save_bank(folder / BANK)
            (folder / LOG).write_bytes(log.read_bytes() if log.exists() else b"")
            (folder / ROOM).unlink(missing_ok=True)
            sync_all(folder)
            self.update(**changes, status="finished", error=None)
            with locked(self.root):
                put_in_place(self.root, self.run)
        return get_run(self.root, self.run.id)

    def end(self, status: str, error: str) -> None:
        """End as failed or cancelled with the reason; half-written results go, the record and the log stay."""
        folder = self.run.folder
        if not folder.is_dir():  # it had just been put in its place
            return
        made = (ROOM, IMAGES, TRAINING_IMAGES, CURVES, MAPS, MAP_SUMMARY, ROW_USE, REPLICATES)
        for name in made:  # first: makes room
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / BANK, ignore_errors=True)
        self.log(f"{status}: {error}")
        self.update(status=status, error=error)

    def start_over(self) -> None:
        """Have the run wait again, of which nothing stays but its record and its log."""
        folder = self.run.folder
        with writing(folder):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != RECORD:
                    path.unlink()
            (folder / ROOM).write_bytes(bytes(LAST_WORDS))
            self.update(status="queued", error=None, process=process_record(computes=False))

    @contextmanager
    def recording_the_end(self, spared: Callable[[Exception], bool] = lambda _: False) -> Iterator[None]:
        """Records any exception as the end of the run, unless it is `spared`, and raises it again."""
        try:
            yield
        except Exception as error:
            if not spared(error):
                self._record(error)
            raise
        except KeyboardInterrupt:
            self._end("cancelled", "cancelled before it was done")
            raise
        except BaseException as error:
            self._record(error)
            raise

    def _record(self, error: BaseException) -> None:
        if isinstance(error, PatchCoreError):
            self._end("failed", str(error))
        else:
            self.log(traceback.format_exc())
            self._end("failed", f"{type(error).__name__}: {error}".strip(": "))

    def _end(self, status: str, reason: str) -> None:
        with suppress(StoreError):  # where not even this can be written, the run will read as lost
            self.end(status, reason)


@contextmanager
def claiming() -> Iterator[dict[Path, RunWriter]]:
    """Takes the folders that `prepare` makes, with their writers, and puts them all in their places, on the disk at the
    end; where anything fails none stays."""
    prepared = dict[Path, RunWriter]()
    try:
        yield prepared
        for jobs in {folder.parent for folder in prepared}:
            with writing(jobs):
                sync_each(path for folder in prepared for path in (folder / RECORD, folder))
                for folder, writer in prepared.items():
                    folder.rename(writer.run.folder)
                sync(jobs)
    except BaseException:
        for folder, writer in prepared.items():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(writer.run.folder, ignore_errors=True)
        raise


def _known(seconds: float) -> float | None:
    return None if math.isnan(seconds) else round(seconds, 1)

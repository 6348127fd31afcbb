"""The runs on disk: complete or absent, found again by their identity.

Finishing a run writes every file into its folder below `<root>/.jobs` and then renames that to `<root>/<id>`. A run is
claimed under a short lock of the whole store, which the system releases if its holder dies. A claim is valid only while
its process exists, so a killed process blocks nobody.

numpy and pandas are imported only by the methods that read arrays and tables: a waiting job needs neither.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Container, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from patchcore_core.codec import reader_of
from patchcore_core.errors import MapsDroppedError, StoreError
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.lasting import sync
from patchcore_core.runs.files import leads_outside, read_json, reading, writing
from patchcore_core.runs.folder import (
    BANK,
    CURVES,
    IMAGES,
    JOBS,
    LOG,
    MAPS,
    PROGRESS,
    TRAINING_IMAGES,
    TRIALS,
    all_written,
    now,
)
from patchcore_core.runs.image_table import read_image_table
from patchcore_core.runs.listing import (
    find_run,
    free_id,
    get_run,
    list_runs,
    locked,
    log_path,
    put_in_place,
    remove,
    same_fit,
    unfinished,
)
from patchcore_core.runs.moved import moved
from patchcore_core.runs.process import process_record
from patchcore_core.runs.record import Run
from patchcore_core.runs.writer import RunProgress, RunWriter, claiming

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from patchcore_core.evaluation.curve_points import Curves

LOG_BYTES = 2**20  # read from the end of a log
MAPS_DROPPED = "the anomaly maps of this run were removed to save disk; its figures and its memory bank are kept"


class RunStore:
    """A folder of runs, by default `$PATCHCORE_RUNS` or `runs/`."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root or os.environ.get("PATCHCORE_RUNS") or "runs").expanduser().absolute()

    @property
    def trials(self) -> RunStore:
        """A store within this one, of runs that are shown to somebody before they are kept: no list of this one has
        them."""
        return RunStore(self.root / TRIALS)

    @property
    def home(self) -> RunStore:
        """The store that `trials` belong to; itself for any other."""
        return RunStore(self.root.parent) if self.root.name == TRIALS else self

    # reading

    def list(self) -> tuple[Run, ...]:
        """All runs, newest first; a folder that cannot be read is listed as failed with the file and the cause.

        StoreError where the store itself cannot be read, or was there and is gone.
        """
        return list_runs(self.root)

    def get(self, run_id: str) -> Run:
        """The run of this id, damaged ones as in `list`; UnknownRunError when there is none."""
        return get_run(self.root, run_id)

    def find(self, identity: str) -> Run | None:
        """A run of this identity that is finished, else one that is alive, else None."""
        return find_run(self.root, identity)

    def unfinished(self, without: Container[str] = ()) -> tuple[Run, ...]:
        """The runs that wait, compute, or have ended badly, but for those of these ids, which are not read."""
        return unfinished(self.root, without)

    def progress(self, run_id: str) -> RunProgress | None:
        """The last progress written, None before the first."""
        path = self.get(run_id).folder / PROGRESS
        try:
            with reading(path):
                return reader_of(RunProgress)(read_json(path), "")
        except StoreError:  # none yet, or unreadable; the status of the run is known all the same
            return None

    def images(self, run: Run) -> pd.DataFrame:
        """One row per scored image, in the order of the anomaly maps.

        Columns: path (absolute), split, label (0 good, 1 defective, -1 unknown), defect_type, mask_paths (a tuple of
        absolute paths, whose union is the mask; () where there is none), image_score, height and width of the photo,
        mask_kept (share of the mask's pixels that the centre crop left; NaN without a mask), unlike (1 for a photo that
        is unlike all good ones, 0 for another, NaN where it is not known), sha256 of the photo and masks_sha256 of its
        masks as they were scored ("" if unknown), map_index.
        """
        path = run.folder / IMAGES
        with reading(path):
            if MAPS in run.dropped:
                most = run.counts.tested or run.dropped[MAPS] // 2  # a map has a pixel of two bytes at least
                return read_image_table(path, Path(run.dataset), most, exact=False)
            return read_image_table(path, Path(run.dataset), len(self.anomaly_maps(run)))

    def training_images(self, run: Run) -> tuple[TrainingImage, ...] | None:
        """The training images that have a held-out score (up to 400, of near-duplicates one), in the order of the
        dataset; None if the run did not record them, as older runs. Photos that were taught to it may lie elsewhere."""
        path = run.folder / TRAINING_IMAGES
        if not path.exists():
            return None
        with reading(path):
            found: TrainingImages = reader_of(TrainingImages)(read_json(path), "")
            names = (name for one in found.images for name in (one.path, *one.copies))
            if outside := next((name for name in names if leads_outside(name) and name not in run.taught), None):
                raise ValueError(f"{outside[:200]!r} is no path within the dataset")
            return found.images

    def curves(self, run: Run) -> Curves:
        """The evaluation's curves, read-only; empty when there was nothing to evaluate."""
        from patchcore_core.runs.arrays import read_curves

        path, maps = run.folder / CURVES, run.folder / MAPS
        with reading(path):
            return read_curves(path, run.dropped.get(MAPS) or (maps.stat().st_size if maps.exists() else 0))

    def anomaly_maps(self, run: Run) -> np.ndarray:
        """(N, H, W) float16 as stored (float32 where a score exceeds float16), read from disk only where touched.

        MapsDroppedError for a run whose maps were removed.
        """
        from patchcore_core.runs.arrays import map_maps

        if MAPS in run.dropped:
            raise MapsDroppedError(f"{run.folder / MAPS}: {MAPS_DROPPED}")
        with reading(run.folder / MAPS):
            return map_maps(run.folder / MAPS, run.input_shape)

    def map_type(self, run: Run) -> np.dtype:
        """The type of the run's maps, of dropped ones too: float16 or float32."""
        import numpy as np

        if MAPS not in run.dropped:
            return self.anomaly_maps(run).dtype
        pixels = len(self.images(run)) * math.prod(run.input_shape)
        return np.dtype(np.float32 if pixels and run.dropped[MAPS] // pixels >= 4 else np.float16)

    def bank_folder(self, run: Run) -> Path:
        """The folder of the saved model, for model.methods.load_detector."""
        return run.folder / BANK

    def log(self, run: Run, lines: int = 200) -> str:
        """The last lines of what the run's process wrote."""
        for path in (run.folder / LOG, self.log_path(run.id)):
            if path.is_file():
                with reading(path), path.open("rb") as file:
                    file.seek(max(0, path.stat().st_size - LOG_BYTES))
                    return "\n".join(file.read(LOG_BYTES).decode("utf-8", "replace").splitlines()[-lines:])
        return ""

    def log_path(self, run_id: str) -> Path:
        """Where the process of a run writes until the run is finished."""
        return log_path(self.root, run_id)

    # writing

    def begin(self, draft: Run, promised: Container[str] = ()) -> RunWriter | Run:
        """Claim the work on `draft`: its writer, or the run of the same identity that is finished or alive, or whose
        process is gone and which somebody has `promised` to go on with, by their ids.

        Of any number of processes that ask at the same moment exactly one gets the writer. Of the draft, id, folder,
        times and process are set here; its status must be queued or running. A store that cannot be written answers
        with a finished run, too.
        """
        try:
            return self.begin_all([draft], promised)[0]
        except StoreError:
            existing = self.find(draft.identity)
            if existing is None or existing.status != "finished":
                raise
            return existing  # which needs no writing, as in a store that is mounted read-only

    def begin_all(self, drafts: Sequence[Run], promised: Container[str] = ()) -> tuple[RunWriter | Run, ...]:
        """The same for several, in their order, of a store that can be written: all are claimed at once, or none."""
        begun = list[RunWriter | Run]()
        with self.locked(), claiming() as prepared:
            known = [*list_runs(self.root)]
            for draft in drafts:
                existing = same_fit(known, draft.identity, promised)
                begun.append(self._follow_data(existing, draft) if existing else self._new(draft, prepared))
                known += [one.run for one in begun[-1:] if isinstance(one, RunWriter)]
        return tuple(begun)

    def writer(self, run_id: str) -> RunWriter:
        """The writer of a queued run, which this process takes up."""
        with self.locked():
            run = self.get(run_id)
            if run.status not in ("queued", "lost"):
                raise StoreError(f"run {run_id} is {run.status} and cannot be taken up")
            if (other := self.find(run.identity)) is not None and other.id != run_id:
                raise StoreError(f"run {run_id} cannot be taken up: {other.id} is the same fit and is {other.status}")
            writer = RunWriter(self.root, dataclasses.replace(run, status="queued", error=None))
            writer.update(process=process_record())
            return writer

    def requeue(self, run_id: str) -> Run:
        """Have a run wait again whose process is gone, or which has ended badly; one of which all had been written is
        put in its place instead. One that waits or is finished is unchanged; StoreError for one that computes."""
        with self.locked():
            run = self.get(run_id)
            if run.status in ("queued", "finished"):
                return run
            if run.alive or run.broken:
                raise StoreError(run.error or f"run {run_id} is {run.status} and cannot be started again")
            if (other := self.find(run.identity)) is not None:
                raise StoreError(f"run {run_id} cannot be started again: {other.id} is the same fit and is "
                                 f"{other.status}")  # fmt: skip
            if all_written(run.folder):
                put_in_place(self.root, run)
                return self.get(run_id)
            (writer := RunWriter(self.root, run)).start_over()
            return writer.run

    def close(self, run_id: str, status: str, error: str) -> Run:
        """End a run whose process is gone; a run that has already ended is unchanged."""
        with self.locked():
            run = self.get(run_id)
            if run.alive or run.status == "lost":
                RunWriter(self.root, run).end(status, error)
        return self.get(run_id)

    def keep(self, trial: Run) -> Run:
        """Take in a finished one of `trials`, which is listed from now on; where there is a run of its identity, that
        one, and the trial is removed."""
        if trial.status != "finished":
            raise StoreError(f"trial {trial.id} is {trial.status}, so it cannot be kept")
        with self.trials.locked(), self.locked():
            existing = self.find(trial.identity)
            if existing is not None and existing.status == "finished":
                remove(self.trials.root, trial)
                return existing
            with writing(trial.folder):
                trial.folder.rename(self.root / trial.id)
                sync(self.root)
        return self.get(trial.id)

    def delete(self, run_id: str) -> None:
        """Remove a run; one that is alive has to be cancelled first."""
        with self.locked():
            run = self.get(run_id)
            if run.alive:
                raise StoreError(f"run {run_id} is {run.status}: cancel it before deleting it")
            remove(self.root, run)

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lock of the store: for a moment, never for the length of a fit."""
        return locked(self.root)

    def _new(self, draft: Run, prepared: dict[Path, RunWriter]) -> RunWriter:
        run_id = free_id(self.root, draft.category, {writer.run.id for writer in prepared.values()})
        writer = RunWriter(self.root, dataclasses.replace(draft, id=run_id, folder=self.root / JOBS / run_id,
                                                     created_at=now()))  # fmt: skip
        prepared[writer.prepare(process_record(computes=draft.status != "queued"))] = writer
        return writer

    def _follow_data(self, run: Run, draft: Run) -> Run:
        """The run; where its data has moved to the draft's folder, the record follows."""
        if run.status != "finished" or Path(run.dataset).is_dir() or run.dataset == draft.dataset:
            return run
        writer = RunWriter(self.root, run)
        writer.update(**moved(run, draft.dataset))
        return writer.run

"""Jobs: fits in the queue of a store, computed by processes that outlive the one that started them."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

import patchcore_core
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import StoreError
from patchcore_core.fitting.draft import begin_fit
from patchcore_core.fitting.fit import forecast_of
from patchcore_core.fitting.reuse import answer
from patchcore_core.fitting.sweep.cost import seconds_of_each
from patchcore_core.fitting.sweep.planned import Planned, alike, begin_all, in_order
from patchcore_core.fitting.taught import taught_dataset
from patchcore_core.jobs import queue, queue_file
from patchcore_core.jobs.claims import enlist, idle, recover, vacant
from patchcore_core.jobs.job import CANCELLED, CANCELLED_EARLY, FAILED, OPEN, Wanted
from patchcore_core.jobs.queue import new_sweep
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import JOBS
from patchcore_core.runs.listing import locked, remove
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.process import find_process, process_record
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

GRACE = 0.3  # seconds for a cancelled process to end before it is killed
POLL = 0.2  # seconds between two looks at a process that is waited for
WORKERS_LOG = "workers.log"  # what workers print that belongs to no run
DEATH = 1.0  # seconds to wait for a killed process; freeing gigabytes takes a moment


@dataclass(frozen=True)
class Started:
    """Jobs that were asked for together: the name of the `sweep`, and for each plan, in their order, the id of its run
    and whether that is `new`: another one was there, or is computed for somebody else."""

    sweep: str
    runs: tuple[str, ...]
    new: tuple[bool, ...]


def start(
    store: RunStore, dataset_path: Path | str, category: str | None, config: PatchCoreConfig,
    excluded: Sequence[Path | str] = (), within: Sequence[Path | str] | None = None,
) -> str:
    """The id of the run that computes this fit: a new job, or the finished or running one with the same identity.

    The images are read once for their fingerprint. The job waits its turn in the queue of the store. `excluded`: paths
    as in Dataset.without; neither this nor the job follows links out of the folders `within`.
    """
    refuse_changes("no fit can be started")
    dataset = load_dataset(dataset_path, category, within=within).without(excluded)
    return begin(store, dataset, config, within)


def teach(
    store: RunStore, run: Run, photos: Sequence[Path | str], within: Sequence[Path | str] | None = None
) -> str:
    """As `start`, of the run that goes on from a finished one's memory bank with these good photos (fitting.teach)."""
    refuse_changes("no photo can be taught")
    return begin(store, taught_dataset(run, photos, within), run.config, within, run)


def begin(
    store: RunStore, dataset: Dataset, config: PatchCoreConfig, within: Sequence[Path | str] | None,
    parent: Run | None = None,
) -> str:
    """As `start`, of a dataset that was read within the folders `within`; with a `parent` as `teach`."""
    _recover(store)
    begun = begin_fit(dataset, config, store, "queued", parent, lambda: _promised(store))
    if isinstance(begun, RunWriter):
        memory = forecast_of(begun.run, store.home.list()).memory_bytes
        with _failing([begun]):
            queue.add(store, [Wanted(begun.run.id, _texts(within), memory)])
            start_workers(store)
        return begun.run.id
    if begun.waits or begun.status == "lost":  # its process has died just now
        start_workers(store)
    return (answer(begun, dataset, store) if begun.status == "finished" else begun).id


def start_sweep(store: RunStore, plans: Sequence[Planned], within: Sequence[Path | str] | None = None) -> Started:
    """As `start`, of all these fits, which share what they have in common and are computed in the order in which they
    can."""
    started = queue_sweep(store, plans, within)
    start_workers(store)
    return started


def queue_sweep(store: RunStore, plans: Sequence[Planned], within: Sequence[Path | str] | None = None) -> Started:
    """As `start_sweep`; somebody else starts the workers."""
    refuse_changes("no fit can be started")
    _recover(store)
    sweep = new_sweep() if len(plans) > 1 else ""
    order = in_order(plans)
    begun = dict(zip(order, begin_all([plans[number] for number in order], store, sweep, lambda: _promised(store)),
                     strict=True))
    with _failing([one for one in begun.values() if isinstance(one, RunWriter)]):
        new = [number for number in order if isinstance(begun[number], RunWriter)]
        fits = [plans[number] for number in new]
        seconds = seconds_of_each(fits, [plan.cost.stages or {"features": math.nan} for plan in fits],
                                  [0.0] * len(fits))  # fmt: skip
        ids = [one.run.id if isinstance(one, RunWriter) else one.id for _, one in sorted(begun.items())]
        shared = alike(plans)
        wanted = [Wanted(ids[number], _texts(within), plans[number].cost.memory_bytes, each, shared[number])
                  for number, each in zip(new, seconds, strict=True)]  # fmt: skip
        queue.add(store, wanted, sweep)
    return Started(sweep, tuple(ids), tuple(number in new for number in range(len(plans))))


def start_workers(store: RunStore) -> None:
    """Start the processes that compute what waits in the queue of the store, as far as they are not there."""
    if idle(store):
        return

    def hire(connection: sqlite3.Connection) -> None:
        for _ in range(vacant(connection)):
            enlist(connection, process_record(_spawn(store)))

    recover(store)
    queue_file.change(store.root, hire)


def cancel(store: RunStore, run_id: str) -> Run:
    """Stop a run within a second and return its new state; an ended one is unchanged."""
    refuse_changes("no job can be cancelled")
    run = store.get(run_id)
    if run.alive and run.process and run.process.computes and run.process.host != process_record().host:
        raise StoreError(f"run {run_id} computes on {run.process.host} and can only be cancelled there")
    if run.alive or queue.job(store, run_id) is not None:
        queue.cancel(store, [run_id])
    run = store.get(run_id)
    if not run.alive:
        return run
    if run.process and run.process.computes and (process := find_process(run.process)) is not None:
        _stop(process, lambda: not store.get(run_id).alive)
    ended = store.close(run_id, CANCELLED, CANCELLED_EARLY)
    start_workers(store)  # which the next ones need where the process had to be killed
    return ended


def cancel_all(store: RunStore, runs: Sequence[str], why: str = "") -> None:
    """Stop all of these runs, those that wait first; WITH_SWEEP is `why` another sweep may ask for them again."""
    refuse_changes("no job can be cancelled")
    queue.cancel(store, runs, why)
    there = {run.id: run for run in store.unfinished()}
    for name in sorted((name for name in runs if name in there), key=lambda name: not there[name].waits):
        if (job := queue.job(store, name)) is None or job.state == CANCELLED:  # not asked for again by others
            cancel(store, name)


def retry(store: RunStore, runs: Sequence[str], sweep: str | None = None) -> None:
    """Have failed and cancelled jobs computed after all, and paused ones, with a `sweep` as jobs of that one."""
    refuse_changes("no job can be started")
    _recover(store)
    queue.resume(store, runs)
    try:
        queue.retry(store, runs, sweep)
    finally:
        start_workers(store)


def _recover(store: RunStore) -> None:
    """Bring the queue up to date, since what a killed process has left may be the same fit."""
    if queue_file.path_of(store.root).is_file():
        with suppress(StoreError):  # of a store that may only be read
            recover(store)


def _promised(store: RunStore) -> set[str]:
    """The runs that are computed, or again once somebody has seen that their process is gone."""
    return {job.run for job in queue.jobs_of(store) if job.state in OPEN}


@contextmanager
def _failing(writers: Sequence[RunWriter]) -> Iterator[None]:
    """Runs that cannot be put into the queue, or that nobody can compute, have failed; on a full disk, and where this
    process is asked to end meanwhile, there are none."""
    try:
        yield
    except (StoreError, KeyboardInterrupt) as error:
        for writer in writers:
            with suppress(StoreError):
                if isinstance(error, KeyboardInterrupt) or queue_file.is_full(writer.root, error):
                    with locked(writer.root):
                        remove(writer.root, writer.run)
                    continue
                writer.end("failed", str(error))
                queue.end(RunStore(writer.root), writer.run.id, FAILED, str(error))
        raise


def _texts(paths: Sequence[Path | str] | None) -> tuple[str, ...] | None:
    return None if paths is None else tuple(map(str, paths))


def _spawn(store: RunStore) -> int:
    """Start a worker in a new session, so that neither Ctrl-C nor the end of the server reaches it."""
    package = str(Path(patchcore_core.__file__).parent.parent)
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-X", "faulthandler", "-m", "patchcore_core", "queue", "work"]
    detached = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        with (store.root / JOBS / WORKERS_LOG).open("ab") as log:
            process = subprocess.Popen(
                [*command, "--runs", str(store.root)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, start_new_session=True,
                creationflags=detached,
            )  # fmt: skip
    except OSError as error:
        raise StoreError(f"no process could be started: {cause(error)}") from error
    threading.Thread(target=process.wait, daemon=True).start()  # collects its exit status
    return process.pid


def run_module(module: str, arguments: Sequence[str], waiting: Callable[[float], None]) -> None:
    """Run `python -m MODULE ARGUMENTS` and wait for its end; StoreError with its last words if it fails.

    `waiting` is called several times a second with the seconds so far; what it raises ends the process.
    """
    package = str(Path(patchcore_core.__file__).parent.parent)
    paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    run_program(command, module.rsplit(".", 1)[-1], waiting, {"PYTHONPATH": paths})


def run_program(
    command: Sequence[str], name: str, waiting: Callable[[float], None], variables: Mapping[str, str] | None = None
) -> None:
    """The same for any program; `name` is what the error calls it, `variables` are added to its environment."""
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **(variables or {})},
        )  # fmt: skip
    except OSError as error:
        raise StoreError(f"no process could be started: {cause(error)}") from error
    try:
        while True:
            try:
                _, words = process.communicate(timeout=POLL)
                break
            except subprocess.TimeoutExpired:
                waiting(time.monotonic() - started)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        said = words.decode("utf-8", "replace").strip().splitlines() or [f"it ended with code {process.returncode}"]
        raise StoreError(f"{name} failed: {said[-1][:300]}")


def _stop(process: psutil.Process, ended: Callable[[], bool]) -> None:
    """Ask the process to end its job, then kill it and its children."""
    try:
        family = [process, *process.children(recursive=True)]  # takes a while, in which it may begin its next job
        if ended():
            return
        process.terminate()
    except psutil.NoSuchProcess:
        return
    except psutil.Error as error:
        raise StoreError(f"process {process.pid} cannot be stopped: {cause(error)}") from error
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        if ended():
            return  # a worker goes on with its next job
        time.sleep(GRACE / 10)
    for survivor in psutil.wait_procs(family, timeout=0)[1]:
        try:
            survivor.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=DEATH)

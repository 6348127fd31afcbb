"""Jobs: fits in processes that outlive the one that started them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

import patchcore_core
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import StoreError
from patchcore_core.fitting.draft import begin_fit
from patchcore_core.fitting.reuse import answer
from patchcore_core.fitting.taught import taught_dataset
from patchcore_core.runs.files import cause
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.process import find_process
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

GRACE = 0.3  # seconds for a cancelled process to end before it is killed
POLL = 0.2  # seconds between two looks at a process that is waited for
DEATH = 1.0  # seconds to wait for a killed process; freeing gigabytes takes a moment


def start(
    store: RunStore, dataset_path: Path | str, category: str | None, config: PatchCoreConfig,
    excluded: Sequence[Path | str] = (), within: Sequence[Path | str] | None = None,
) -> str:
    """The id of the run that computes this fit: a new job, or the finished or running one with the same identity.

    The images are read once for their fingerprint. The job waits while earlier runs of the store compute. `excluded`:
    paths as in Dataset.without; neither this nor the job follows links out of the folders `within`.
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
    begun = begin_fit(dataset, config, store, "queued", parent)
    if isinstance(begun, RunWriter):
        try:
            pid = _spawn(store, begun.run.id, within)
        except OSError as error:
            begun.end("failed", f"no process could be started: {cause(error)}")
            raise StoreError(f"no process could be started for run {begun.run.id}: {cause(error)}") from error
        store.hand_over(begun.run.id, pid)
        return begun.run.id
    return (answer(begun, dataset, store) if begun.status == "finished" else begun).id


def cancel(store: RunStore, run_id: str) -> Run:
    """Stop a run within a second and return its new state; an ended one is unchanged."""
    refuse_changes("no job can be cancelled")
    run = store.get(run_id)
    if not run.alive:
        return run
    if run.process and run.process.computes:
        if (process := find_process(run.process)) is None:
            if (run := store.get(run_id)).alive and run.process:
                raise StoreError(f"run {run_id} computes on {run.process.host} and can only be cancelled there")
            return run
        _stop(process)
    return store.close(run_id, "cancelled", "cancelled before it was done")


def _spawn(store: RunStore, run_id: str, within: Sequence[Path | str] | None) -> int:
    """Start the process in a new session, so that neither Ctrl-C nor the end of the server reaches it."""
    package = str(Path(patchcore_core.__file__).parent.parent)
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-X", "faulthandler", "-m", "patchcore_core", "fit", "--run-id", run_id]
    command += [f"--within={root}" for root in within or ()]
    detached = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with store.log_path(run_id).open("ab") as log:
        process = subprocess.Popen(
            [*command, "--runs", str(store.root)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, start_new_session=True, creationflags=detached,
        )  # fmt: skip
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


def _stop(process: psutil.Process) -> None:
    """Ask the process to end, then kill it and its children."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    except psutil.Error as error:
        raise StoreError(f"process {process.pid} cannot be stopped: {cause(error)}") from error
    for survivor in psutil.wait_procs(family, timeout=GRACE)[1]:
        try:
            survivor.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=DEATH)

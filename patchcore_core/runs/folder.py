"""The folder of one run: its file names, its record, and their integrity."""

from __future__ import annotations

import dataclasses
import math
import re
import secrets
import time
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from patchcore_core.checked import count, table
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import SETTLED
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.values import NO_WIDTH, SizeRecall
from patchcore_core.runs.files import cause, leads_outside, read_json, reading, write_json
from patchcore_core.runs.process import is_running
from patchcore_core.runs.record import Limits, Run, from_json, to_json

RECORD, PROGRESS, LOG = "run.json", "progress.json", "log.txt"
IMAGES, CURVES, MAPS, BANK = "images.csv", "curves.npz", "anomaly_maps.npy", "memory_bank"
MAP_SUMMARY, TRAINING_IMAGES, ROW_USE = "map_summary.npz", "training_images.json", "row_use.npz"
REPLICATES = "replicates.npz"
ROOM = ".room"  # of a run at work: bytes that its last record may take
JOBS, LOCK, TRIALS = ".jobs", ".lock", ".trials"
TRASH = ".trash"  # deleted runs, for some days (runs/keeping/trash.py)
FEATURES = ".features"  # beside the runs: what networks gave for photos (model/cache)
RUN_ID = re.compile(r"(\d{8}-\d{6})-([a-z0-9_]+)-[0-9a-f]{4}")
KNOWN = 2048  # records that are remembered
PARSED_WHOLE = (".csv", ".json", ".txt")  # files that people may edit; truncation shows when they are read


def now() -> str:
    """ISO time in UTC with microseconds, so that two changes differ."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def new_id(category: str) -> str:
    """<yyyymmdd-hhmmss>-<category>-<4 hex> in local time, whatever characters the category has."""
    plain = unicodedata.normalize("NFKD", category).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "category"
    return f"{datetime.now():%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(2)}"


def run_folders(parent: Path) -> list[Path]:
    """The folders in `parent` that are named like a run."""
    try:
        return [entry for entry in parent.iterdir() if RUN_ID.fullmatch(entry.name) and entry.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        store = parent.parent if parent.name == JOBS else parent
        raise StoreError(f"{store}: the runs there cannot be read: {cause(error)}") from error


def read_record(folder: Path) -> tuple[Run, dict[str, int]]:
    """The run as its record says, and the size in bytes of each of its files that is listed there; StoreError.

    A record is parsed once for each state of its file, since lists of runs are asked for again and again; not where the
    file is so new that it may be replaced by another one of this state. Nobody may change what is in the run.
    """
    state = _state(folder / RECORD)
    return _parsed(folder) if time.time() - max(state[:2]) / 1e9 < SETTLED else _known(folder, state)


def _state(path: Path) -> tuple[int, int, int, int]:
    """The times when the content and the file were changed (the second one nobody can set), its size and number."""
    with reading(path):
        status = path.stat()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=KNOWN)
def _known(folder: Path, _state: tuple[int, int, int, int]) -> tuple[Run, dict[str, int]]:
    return _parsed(folder)


def _parsed(folder: Path) -> tuple[Run, dict[str, int]]:
    record = read_json(folder / RECORD)
    with reading(folder / RECORD):
        run = _without_widthless(from_json(record, folder))
        sizes = table(count)(record.get("files", {}), "files")
        if outside := next((name for name in sizes if leads_outside(name)), None):
            raise ValueError(f"files names {outside!r}, which is not in the folder")
        if folder.parent.name != JOBS and run.status != "finished":
            raise ValueError(f"status must be finished where the run lies, got {run.status}")
    return run, sizes


def read_run(folder: Path) -> Run | None:
    """The run in a folder with its true status; None if the folder has moved meanwhile.

    Damage does not raise: the run is then failed, and its error names the file.
    """
    try:
        run, sizes = read_record(folder)
        if folder.parent.name == JOBS:
            return _with_true_status(run)
        kept = {name: size for name, size in sizes.items() if name != LOG}  # figures do not depend on the log
        damage = next((fault for name, size in kept.items() if (fault := _fault(folder / name, size))), None)
    except StoreError as error:
        return _broken(folder, str(error)) if folder.is_dir() else None
    if damage and not folder.is_dir():
        return None
    return dataclasses.replace(run, status="failed", error=damage) if damage else run


def all_written(folder: Path) -> bool:
    """Whether a folder of jobs holds a finished run that only lacks being put in its place."""
    try:
        record = read_json(folder / RECORD)
        sizes = table(count)(record.get("files", {}), "files")
        return record.get("status") == "finished" and all(
            (folder / name).stat().st_size == size for name, size in sizes.items()
        )
    except (StoreError, OSError, ValueError):
        return False


def damaged(run: Run) -> bool:
    """Whether the run cannot be read, as opposed to a failed fit: `error` names the file and the cause."""
    return run.broken or (run.status == "failed" and run.folder.parent.name != JOBS)


def write_record(run: Run, synced: bool = True) -> None:
    """Write the record of a run, `synced` as in write_bytes; that of a finished one also lists its files and their
    sizes in bytes."""
    record = to_json(run)
    if run.status == "finished":
        files = sorted(path for path in run.folder.rglob("*") if path.is_file())
        record["files"] = {
            path.relative_to(run.folder).as_posix(): path.stat().st_size
            for path in files
            if path.name not in (RECORD, PROGRESS, MAP_SUMMARY, ROW_USE, REPLICATES) and not path.name.startswith(".")
            and path.name not in run.dropped
        }
    write_json(run.folder / RECORD, record, synced)


def _with_true_status(run: Run) -> Run:
    """The recorded status, checked against whether the run's process still exists; none has to while it waits."""
    if run.status in ("failed", "cancelled") or run.waits:
        return run
    signs = [sign.stat().st_mtime for name in (RECORD, PROGRESS) if (sign := run.folder / name).exists()]
    if is_running(run.process, max(signs, default=0.0)):  # finished, but not yet in its place: still running
        return run if run.status == "queued" else dataclasses.replace(run, status="running")
    pid = run.process.pid if run.process else "unknown"
    return dataclasses.replace(
        run,
        status="lost",
        error=f"the process of this fit (pid {pid}) is gone without a word: it was killed, ran out of memory, or the "
        "computer was restarted; the log shows its last lines, and the same fit can be started again",
    )


def _fault(path: Path, size: int) -> str | None:
    """What is wrong with a finished run's file, without reading it."""
    try:
        found = path.stat().st_size
    except OSError as error:
        return f"{path}: cannot be read: {cause(error)}"
    if found == size or path.suffix in PARSED_WHOLE:
        return None
    return f"{path}: damaged or truncated: {found} bytes, where the run's record says {size}"


def _broken(folder: Path, error: str) -> Run:
    named = RUN_ID.fullmatch(folder.name)
    stamp, category = named.groups() if named else ("", folder.name)
    try:
        created = datetime.strptime(stamp, "%Y%m%d-%H%M%S").astimezone(UTC).isoformat(timespec="microseconds")
    except ValueError:
        created = ""
    return Run(
        id=folder.name, status="failed", category=category, dataset="", config=PatchCoreConfig(), folder=folder,
        error=error, created_at=created, updated_at=created, broken=True,
    )


def _without_widthless(run: Run) -> Run:
    """The run with NaN for the ends of intervals of no width, which claim false certainty, and the reason."""
    collapsed = {f"{name}/interval": NO_WIDTH for name, (low, high) in run.intervals.items() if low == high}
    return dataclasses.replace(
        run, intervals=_without(run.intervals), reasons={**run.reasons, **collapsed},
        per_defect_intervals={kind: _without(limits) for kind, limits in run.per_defect_intervals.items()},
        region_recall=_rows(run.region_recall),
        per_defect_region_recall={kind: _rows(rows) for kind, rows in run.per_defect_region_recall.items()},
    )  # fmt: skip


def _without(intervals: Mapping[str, Limits]) -> dict[str, Limits]:
    return {name: (math.nan, math.nan) if low == high else (low, high) for name, (low, high) in intervals.items()}


def _rows(rows: tuple[SizeRecall, ...]) -> tuple[SizeRecall, ...]:
    return tuple(_row(row) for row in rows)


def _row(row: SizeRecall) -> SizeRecall:
    overlap, found = ({name: math.nan for name in ends if getattr(row, ends[0]) == getattr(row, ends[1])}
                      for ends in (("overlap_low", "overlap_high"), ("found_low", "found_high")))
    return dataclasses.replace(row, **overlap, **found)

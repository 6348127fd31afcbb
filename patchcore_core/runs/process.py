"""The process that computes a run, and whether it still exists."""

from __future__ import annotations

import os
import platform
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil

from patchcore_core.checked import between

START_TOLERANCE = 2.0  # tolerated clock correction in seconds, where `birth` is not known
BOOT = Path("/proc/sys/kernel/random/boot_id")  # on Linux
STARTED = 19  # place of the start among the numbers behind the name in /proc/PID/stat, see proc(5)
SILENCE = 600.0  # seconds after its last write until a process on another machine counts as gone


@dataclass(frozen=True)
class ProcessRecord:
    """A process and its start, seconds since the epoch; `computes` is False for one that only starts another. `birth`:
    the boot of the computer, and the ticks from then to the start, "" where they are not known."""

    pid: int
    started: Annotated[float, between(0, 1e12)]
    host: str
    computes: bool = False
    birth: str = ""


def process_record(pid: int | None = None, computes: bool = True) -> ProcessRecord:
    """The record of a process, by default this one; one that has already ended gets the start 0, as no live one has."""
    pid = os.getpid() if pid is None else pid
    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        started = 0.0
    return ProcessRecord(pid, started, platform.node(), computes, birth_of(pid))


def birth_of(pid: int) -> str:
    """What tells a process from all others of its number, whatever the clock was set to meanwhile, as on a computer
    whose clock starts at the same time at each boot; "" where it is not known, as elsewhere than on Linux."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return f"{BOOT.read_text().strip()}/{numbers[STARTED]}"
    except (OSError, IndexError):
        return ""


def find_process(record: ProcessRecord | None) -> psutil.Process | None:
    """The live process of this record on this machine; a later process with the same pid does not match."""
    if record is None or record.host != platform.node():
        return None
    try:
        process = psutil.Process(record.pid)
        if record.birth and (birth := birth_of(record.pid)):
            same = birth == record.birth
        else:
            same = abs(process.create_time() - record.started) <= START_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, ValueError, OverflowError):  # gone, or a pid that no system has
        return None


def is_running(record: ProcessRecord | None, last_sign: float) -> bool:
    """Whether the process still runs.

    A process on another machine (a shared folder, a restarted container) cannot be looked up: it counts as running
    until ten minutes after `last_sign`, the time of its last write.
    """
    if record is not None and record.host != platform.node():
        return time.time() - last_sign < SILENCE
    return find_process(record) is not None


def reset_peak_memory() -> None:
    """Reset the peak of `peak_memory`, if the system can (Linux), to what is resident now.

    The peak of a second fit in one process therefore includes what the first left loaded: libraries and their pools, up
    to about 100 MB (measured; the first one's features and bank are released). For the peak of a fit alone, run it in
    its own process, as the dashboard does.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_memory() -> int:
    """Largest resident memory of this process, bytes.

    On Linux from VmHWM, since ru_maxrss there includes the process that this one was forked from.
    """
    with suppress(OSError):  # another system than Linux
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)

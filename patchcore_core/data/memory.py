"""Available memory."""

from __future__ import annotations

from pathlib import Path

import psutil

CONTROL_GROUP = Path("/sys/fs/cgroup")
CONTROL_GROUP_FILES = (  # limit, usage, and where usage lists cache: version 2, version 1
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)


def free_memory() -> int:
    """Memory that this process can take without swapping, bytes: of the machine, or of its control group."""
    free = int(psutil.virtual_memory().available)
    for limit, used, statistics, cache in CONTROL_GROUP_FILES:
        try:
            most, taken = (int((CONTROL_GROUP / name).read_text()) for name in (limit, used))
            cached = dict(line.split() for line in (CONTROL_GROUP / statistics).read_text().splitlines())[cache]
        except (OSError, ValueError, KeyError):  # no such control group, or "max"
            continue
        free = min(free, max(0, most - taken + int(cached)))
    return free

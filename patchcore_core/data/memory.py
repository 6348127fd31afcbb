"""How much memory there is."""

from __future__ import annotations

from pathlib import Path

import psutil

CONTROL_GROUP = Path("/sys/fs/cgroup")
CONTROL_GROUP_FILES = (  # limit, use, and where the use says what is only cache: of version 2, of version 1
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)


def free_memory() -> int:
    """Memory that this process could take now without swapping, bytes: the computer's, or its control group's."""
    free = int(psutil.virtual_memory().available)
    for limit, used, statistics, cache in CONTROL_GROUP_FILES:
        try:
            most, taken = (int((CONTROL_GROUP / name).read_text()) for name in (limit, used))
            cached = dict(line.split() for line in (CONTROL_GROUP / statistics).read_text().splitlines())[cache]
        except (OSError, ValueError, KeyError):  # no such control group, or it says "max"
            continue
        free = min(free, max(0, most - taken + int(cached)))
    return free

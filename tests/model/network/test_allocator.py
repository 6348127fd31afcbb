"""The allocator keeps what a forward pass frees, unless the user has decided otherwise."""

import subprocess
import sys

import pytest

from tests.places import ROOT

FAULTS = """
import resource, sys
from patchcore_core.model.network.allocator import keep_freed_memory
kept = keep_freed_memory() if sys.argv[1] == "keep" else False
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        bytearray(8 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(kept, faults())
"""


def run(argument: str, **environment: str) -> tuple[bool, int]:
    line = [sys.executable, "-c", FAULTS, argument]
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=environment)
    kept, faults = done.stdout.split()
    return kept == "True", int(faults)


RETURNED = """
from pathlib import Path
from patchcore_core.model.network.allocator import give_back_freed_memory, keep_freed_memory
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
kept = keep_freed_memory()
blocks = [bytearray(b"x" * (1 << 20)) for _ in range(100)]
del blocks
before = resident()
give_back_freed_memory()
print(kept, before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")
def test_memory_can_be_given_back() -> None:
    line = [sys.executable, "-c", RETURNED]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    kept, returned = done.stdout.split()
    if kept != "True":
        pytest.skip("this Linux has another C library than glibc")
    assert int(returned) > 80 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")
def test_memory_is_used_again() -> None:
    kept, faults = run("keep")
    if not kept:
        pytest.skip("this Linux has another C library than glibc")
    assert faults < 1000  # 20 x 2,048 pages of 4 KiB otherwise


def test_a_users_own_setting_wins() -> None:
    assert run("keep", MALLOC_TRIM_THRESHOLD_="131072")[0] is False


GARBAGE = """
import gc
from patchcore_core.model.network.allocator import no_garbage
with no_garbage():
    first = gc.isenabled()
    import torch
frozen = gc.get_freeze_count()
with no_garbage():
    again = gc.isenabled()
print(first, frozen > 10_000, again, gc.isenabled(), gc.get_freeze_count() == frozen)
"""


def test_no_garbage_is_looked_for_while_torch_comes_and_only_then() -> None:
    line = [sys.executable, "-c", GARBAGE]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    assert done.stdout.split() == ["False", "True", "True", "True", "True"]

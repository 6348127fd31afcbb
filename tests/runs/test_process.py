from __future__ import annotations

import dataclasses
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from patchcore_core.runs import process as process_module
from patchcore_core.runs.process import (
    SILENCE,
    birth_of,
    find_process,
    is_running,
    peak_memory,
    process_record,
    reset_peak_memory,
)
from tests.places import ROOT


def test_this_process_is_running():
    assert find_process(process_record()).pid == psutil.Process().pid
    assert is_running(process_record(), last_sign=0)


def test_a_process_that_ended_is_not_running_whether_collected_or_not():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = process_record(process.pid)
    assert is_running(record, time.time())
    process.kill()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert not is_running(record, time.time())
    process.communicate()
    assert not is_running(record, time.time())
    assert not is_running(process_record(process.pid), time.time())


def test_a_later_process_of_the_same_number_is_another():
    record = dataclasses.replace(process_record(), birth="")  # as elsewhere than on Linux, and in older files
    assert not is_running(dataclasses.replace(record, started=record.started - 60), time.time())
    assert is_running(dataclasses.replace(record, started=record.started + 1), time.time())  # clock set right


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how long after its boot")
def test_a_process_is_told_from_one_of_an_earlier_boot_whatever_the_clock_says(monkeypatch, tmp_path):
    record = process_record()
    boot, ticks = record.birth.split("/")
    assert boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    since_boot = int(ticks) / os.sysconf("SC_CLK_TCK")
    assert since_boot == pytest.approx(psutil.Process().create_time() - psutil.boot_time(), abs=1.0)
    assert is_running(dataclasses.replace(record, started=record.started + 10**6), time.time())  # clock set right
    assert not is_running(dataclasses.replace(record, birth=f"{boot}/{int(ticks) - 1}"), time.time())
    (tmp_path / "boot").write_text("another\n")
    monkeypatch.setattr(process_module, "BOOT", tmp_path / "boot")  # the computer has started again,
    assert find_process(record) is None  # and the clock with it: the same number, the same time
    assert is_running(process_record(), time.time())
    assert birth_of(2**40) == ""


def test_a_process_on_another_computer_counts_until_it_is_silent():
    record = dataclasses.replace(process_record(), host="elsewhere")
    assert find_process(record) is None
    assert is_running(record, time.time() - SILENCE / 2)
    assert not is_running(record, time.time() - SILENCE * 2)


@pytest.mark.parametrize("change", [{"started": math.nan}, {"pid": -1}, {"pid": 2**40}])
def test_a_record_edited_by_hand_is_no_process(change):
    assert not is_running(dataclasses.replace(process_record(), birth="", **change), time.time())
    assert not is_running(None, time.time())


def test_peak_memory_sees_what_was_allocated_and_given_back():
    reset_peak_memory()
    before = peak_memory()
    block = bytearray(b"x" * 80_000_000)
    del block
    assert peak_memory() >= before + 70_000_000
    assert peak_memory() < 100 * 2**30


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of the parent is told apart on Linux only")
def test_peak_memory_is_that_of_the_process_itself():
    block = bytearray(b"x" * 300_000_000)
    ask = "from patchcore_core.runs.process import peak_memory; print(peak_memory())"
    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(child.stdout) < len(block)

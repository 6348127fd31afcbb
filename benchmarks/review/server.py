"""A dashboard in a process of its own, what it has used, and a Chromium."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness.alone import ROOT, environment

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-quic", "--no-first-run"]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
SECONDS = 120  # until a page that shows nothing counts as broken


class Server:
    """A dashboard's process and its address."""

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self.address, self.process = address, psutil.Process(process.pid)

    def cpu(self) -> float:
        """Milliseconds of CPU that it has used, all threads."""
        times = self.process.cpu_times()
        return 1000 * (times.user + times.system)

    def memory(self, name: str) -> int:
        """Bytes of VmRSS or VmHWM (the most there were); mapped files count."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        return 0


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The dashboard on the store and the data in this folder."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    places = {"PATCHCORE_RUNS": folder / "runs", "PATCHCORE_DATA": folder / "data",
              "PATCHCORE_SAMPLE": folder / "data" / "sample", "PATCHCORE_AUTHOR": "Ada"}  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless=true"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(None) | {k: str(v) for k, v in places.items()},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        address = f"http://localhost:{port}"
        _await(f"{address}/_stcore/health", process)
        yield Server(process, address)
    finally:
        process.terminate()
        process.wait(20)


def _await(address: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start")


@contextmanager
def chromium() -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"needs one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()

"""Servers of our pages for tests: a dashboard with a store of its own, or one script with some components on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.places import ROOT

START_SECONDS = 90


@contextmanager
def dashboard_in(folder: Path) -> Iterator[str]:
    """The address of a dashboard whose store is `folder`/runs and whose data lie in `folder`/data."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    places = {"PATCHCORE_RUNS": folder / "runs", "PATCHCORE_DATA": data, "PATCHCORE_SAMPLE": data / "sample"}
    with served(ROOT / "app.py", folder, **places) as address:
        yield address


@contextmanager
def served(script: Path, folder: Path, **variables: object) -> Iterator[str]:
    """The address at which Streamlit serves this script, with these environment variables; its log is in `folder`."""
    port, log = _free_port(), folder / "server.log"
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, **{name: str(value) for name, value in variables.items()}}
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", port, "--server.headless=true"]
    with log.open("w") as written:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=written)
    try:
        _await(f"http://localhost:{port}/_stcore/health", server, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _free_port() -> str:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return str(free.getsockname()[1])


def _await(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    pytest.fail(f"the server of {log.parent} did not start: {log.read_text()[-2000:]}")

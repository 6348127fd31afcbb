"""What a server does without any visitor: jobs that wait are computed, and a store that is read-only stays as it is."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app import app
from pages.ui.jobs.working import working
from patchcore_core.jobs import queue, starter
from patchcore_core.jobs.job import Wanted
from patchcore_core.runs.store import RunStore


@pytest.mark.parametrize("read_only", [False, True])
def test_workers_are_started_while_the_server_runs(
    store: RunStore, make_run, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    queue.add(store, [Wanted(make_run("queued").id)])
    if read_only:
        monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    asked, looked = [], threading.Event()
    monkeypatch.setattr(starter, "start_workers", lambda each: asked.append(each.root))
    look = starter.Starter._look
    monkeypatch.setattr(starter.Starter, "_look", lambda *given, **named: (look(*given, **named), looked.set()))

    async def serve() -> None:
        async with working(app):
            await asyncio.to_thread(looked.wait, 60)

    asyncio.run(serve())
    assert set(asked) == (set() if read_only else {store.root})
    assert not [thread for thread in threading.enumerate() if thread.name == "starter"]


def test_what_goes_wrong_is_said_once_and_the_next_look_is_another_try(
    store: RunStore, make_run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue.add(store, [Wanted(make_run("queued").id)])
    tries, enough = [], threading.Event()

    def refuse(_: RunStore) -> None:
        tries.append(1)
        if len(tries) > 2:
            enough.set()
        raise starter.PatchCoreError("there is no room")

    monkeypatch.setattr(starter, "start_workers", refuse)
    one = starter.Starter(lambda: store, every=0.01)
    assert enough.wait(60)
    one.stop()
    assert caplog.text.count("no worker could be started: there is no room") == 1

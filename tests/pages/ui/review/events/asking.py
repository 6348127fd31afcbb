"""Asking a desk as the workspace does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pandas as pd

from pages.ui.review.events.desk import THREAD, Desk
from patchcore_core.runs.store import Run

HOLE, SCRATCH = "test/hole/000.png", "test/scratch/000.png"


def entry(seq: int, kind: str, **more: Any) -> dict[str, Any]:
    """An entry of an outbox."""
    return {"seq": seq, "kind": kind, **more}


def asked(desk: Desk, run: Run, kind: str, key: str = "a", **more: Any) -> Any:
    """The answer to one entry of an outbox of its own; AssertionError with the reason where it was refused."""
    desk.apply(run, key + kind, [entry(1, kind, key=key, **more)])
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()
    answer = desk.told(run)[0]["answers"][key]
    assert not answer["error"], answer["error"]
    return answer["value"]


def question(desk: Desk, run: Run, key: str, /, **needs: Any) -> Any:
    """The answer to a question; `needs`: its `with`."""
    return asked(desk, run, "ask", key, **{"with": needs})


def number_of(run: Run, images: pd.DataFrame, name: str) -> int:
    """The row of the image of this name."""
    return images["path"].tolist().index(str(Path(run.dataset) / name))

"""Saved views, as the workspace asks for them; each answers with all that there are."""

from __future__ import annotations

from typing import Any

from pages.ui import cache
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.reviews.saved_views import SavedView, SavedViews
from patchcore_core.runs.store import Run


def save(run: Run, entry: Entry) -> dict[str, Any]:
    """Save `with.query` under `with.name`."""
    return _answer(run, _views().save(entry.text("name"), entry.text("query"), entry.author))


def delete(run: Run, entry: Entry) -> dict[str, Any]:
    """Delete the view `with.name`."""
    return _answer(run, _views().delete(entry.text("name"), entry.author))


def undo(run: Run, entry: Entry) -> dict[str, Any]:
    """Undo what was done last under `with.name`, which was the entry `with.id`."""
    done = next((one for one in _views().history(entry.text("name")) if one.id == entry.number("id")), None)
    if done is None:
        raise Refused("There is nothing to undo under this name")
    return _answer(run, _views().undo(done, entry.author))


def listed(run: Run) -> list[dict[str, Any]]:
    """The saved views, those of this run first: name, query, author, saved_at, and whether they are of this run and
    whether theirs is still there."""
    here = {one.id for one in cache.load_runs()} | {run.id}
    return [{"name": view.name, "query": view.query, "author": view.author, "saved_at": view.saved_at,
             "own": view.run == run.id, "gone": bool(view.run) and view.run not in here}
            for view in _views().list(run.id)]


def _answer(run: Run, done: SavedView) -> dict[str, Any]:
    return {"views": listed(run), "done": {"id": done.id, "name": done.name, "saved": bool(done.query)}}


def _views() -> SavedViews:
    return SavedViews(cache.store().root)

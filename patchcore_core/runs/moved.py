"""The paths in the record of a run whose dataset was moved to another folder."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from patchcore_core.runs.record import Run


def moved(run: Run, root: str) -> dict[str, Any]:
    """The fields of a run whose data set lies in the folder `root`: the paths in its sentences are those below it."""
    if run.dataset == root:
        return {"dataset": root}
    from patchcore_core.data.images import shown  # imports numpy, which a waiting job must not

    pairs = [(f"{place(run.dataset)}{os.sep}", f"{place(root)}{os.sep}") for place in (str, shown)]
    named = ("unreadable", "warnings", "data_warnings", "badges")
    return {"dataset": root, **{name: _replaced(getattr(run, name), pairs) for name in named}}


def _replaced(value: Any, pairs: list[tuple[str, str]]) -> Any:
    """The value, of whatever depth, with the first of each pair replaced by the second in all of its texts."""
    if isinstance(value, str):
        for old, new in dict(pairs).items():
            value = value.replace(old, new)
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: _replaced(getattr(value, name), pairs) for name in names})
    if isinstance(value, dict):
        return {name: _replaced(entry, pairs) for name, entry in value.items()}
    return tuple(_replaced(entry, pairs) for entry in value) if isinstance(value, tuple) else value

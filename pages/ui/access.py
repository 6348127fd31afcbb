"""Which folders the dashboard may read: those in PATCHCORE_DATA, by default data/ and the built-in sample."""

from __future__ import annotations

import os
from pathlib import Path

from patchcore_core.data.sample import sample_root
from patchcore_core.errors import DataError


def allowed_roots() -> tuple[Path, ...]:
    """The folders of PATCHCORE_DATA (separated like PATH) or data/, and the built-in sample; resolved."""
    named = os.environ.get("PATCHCORE_DATA") or "data"
    roots = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    return tuple(dict.fromkeys(root.resolve() for root in [*roots, sample_root()]))


def allowed(path: Path | str) -> Path:
    """The path with links resolved, if it lies in an allowed folder; else DataError saying what to set."""
    resolved = Path(path).expanduser().resolve()
    if not any(resolved.is_relative_to(root) for root in allowed_roots()):
        raise DataError(f"{path}: outside the folders the dashboard may read; add its folder to PATCHCORE_DATA")
    return resolved

"""What the server does for as long as it runs, whoever visits: it starts workers for the jobs of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit.starlette import App

from patchcore_core.jobs.starter import Starter


@asynccontextmanager
async def working(_app: App) -> AsyncIterator[None]:
    """While the server runs, and no longer; workers go on without it."""
    starter = Starter()
    try:
        yield
    finally:
        starter.stop()

"""Hears from the browser that the viewer has painted its first picture; nothing is seen of it."""

from __future__ import annotations

from pages.ui.components.mount import component

_mount = component("painted")


def rerun_when_painted(*, key: str) -> None:
    """Run the page again as soon as a viewer has painted, or after a second and a half without."""
    _mount(key=key, on_painted_change=lambda: None, height=0)

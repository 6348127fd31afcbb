"""A button that copies the address of the page, a link to the current view."""

from __future__ import annotations

from pages.ui.components.mount import component

_mount = component("copy_link")


def copy_link(*, key: str) -> None:
    """Draw the button. If the browser denies clipboard access, the address is shown selected in a field."""
    _mount(key=key, data={"label": "Copy link"}, width="content")

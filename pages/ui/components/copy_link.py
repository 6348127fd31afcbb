"""A button that copies the address of the page as the browser has it, a link to what is shown."""

from __future__ import annotations

from pages.ui.components.mount import component

_mount = component("copy_link")


def copy_link(label: str = "Copy link", *, key: str) -> None:
    """Draw the button. Where the browser refuses its clipboard, the address stands selected in a field."""
    _mount(key=key, data={"label": label}, width="content")

"""A button with a key of its own that Streamlit's `shortcut=` does not take, such as `?`."""

from __future__ import annotations

from pages.ui.components.mount import component

_mount = component("key_button")


def key_button(label: str, shortcut: str, *, key: str, help: str = "") -> bool:
    """Draw the button; true in the run that follows a click, or `shortcut` pressed outside a field that takes text.

    `shortcut` is one character as it is typed, on whatever keyboard, so `?` needs no word about Shift.
    """
    pressed = _mount(key=key, data={"label": label, "shortcut": shortcut, "help": help},
                     width="content", on_pressed_change=lambda: None)
    return bool(pressed.pressed)

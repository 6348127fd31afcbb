"""A button with a shortcut key that Streamlit's `shortcut=` does not support, such as `?`."""

from __future__ import annotations

from pages.ui.components.mount import component

_mount = component("key_button")


def key_button(label: str, shortcut: str, *, key: str, help: str = "") -> bool:
    """Draw the button; True in the run after a click, or after `shortcut` was typed outside text fields.

    `shortcut` is one character as typed on any keyboard, so `?` needs no Shift.
    """
    pressed = _mount(key=key, data={"label": label, "shortcut": shortcut, "help": help},
                     width="content", on_pressed_change=lambda: None)
    return bool(pressed.pressed)

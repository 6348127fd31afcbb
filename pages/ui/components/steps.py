"""Previous and next: two buttons and the keys P and N, which choose the neighbouring image of a gallery."""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.components.mount import component

_mount = component("steps")


def steps(gallery: str, viewer: str, *, before: bool, after: bool, held: Mapping[str, str], key: str) -> None:
    """Draw the buttons for the gallery and the viewer of these keys; `before`, `after`: whether there is such an image.

    The gallery chooses, and tells Python as it does of any choice. `held`: the keys, one letter each, that act on the
    image that is shown, and how the names (`key=`) of their Streamlit buttons begin. One that is pressed or clicked
    after a choice and before Python shows it is pressed again then, so that it reaches the image that the person at
    the screen sees; the viewer must call `look_ahead`, which says so.
    """
    letters = {letter.lower(): name for letter, name in held.items()}
    _mount(key=key, width="content",
           data={"gallery": gallery, "viewer": viewer, "before": before, "after": after, "held": letters})

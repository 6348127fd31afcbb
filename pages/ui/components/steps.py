"""Previous and next: two buttons and the keys P and N, which choose the adjacent image of a gallery."""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.components.mount import component

_mount = component("steps")


def steps(gallery: str, viewer: str, *, before: bool, after: bool, held: Mapping[str, str], key: str) -> None:
    """Draw the buttons for the gallery and the viewer of these keys; `before`, `after`: whether there is such an image.

    The gallery chooses and reports it as any choice. `held`: the shortcut keys, one letter each, that act on the image
    shown, and the prefix of the names (`key=`) of their Streamlit buttons. A key or click after a choice and before
    Python has drawn it is repeated then, so that it acts on the image that the person sees; the viewer must call
    `look_ahead`.
    """
    letters = {letter.lower(): name for letter, name in held.items()}
    _mount(key=key, width="content",
           data={"gallery": gallery, "viewer": viewer, "before": before, "after": after, "held": letters})

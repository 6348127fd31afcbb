"""What the viewer needs to know of a test image before it fetches the pictures, as JSON.

`{"picture": ViewerPicture, "panes": {pane: name}, "changed": [sentence], "masks_changed": bool, "notes": [sentence],
"locked": sentence}`;
`ViewerPicture` as in patchcore_core/views/web/viewer/payload.js. `changed` warns that files are not those that were
scored, `notes` say what cannot be shown, `locked` why the image takes no verdict, "" where it does.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pages.ui.media import address
from pages.ui.review import data
from pages.ui.review import image_data as images
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets.picture import Layer, Picture, panes_of

ANOTHER = "The photo has changed since it was scored, so it takes no verdict: restore the file, or fit again."
UNREAD = "The photo cannot be shown, so it takes no verdict."
NO_MAP = "The second run has no map of this photo."


def about(run: Run, number: int, other: Run | None = None) -> dict[str, Any]:
    """Of the image in this row, with the map of `other` too where that has the same photo."""
    here, row = images.image_data(run, number), data.test_images(run).iloc[number]
    picture, place = images.picture(run, number, other), None if other is None else images.place_in(other, row)
    rows = [(run, number)] if other is None or place is None else [(run, number), (other, place)]
    layers = picture.layers if here.has_map else ()
    return {"picture": _picture(picture, run, number) | {"layers": [
                _layer(layer, *of) for layer, of in zip(layers, rows, strict=False)]},
            "panes": picture.panes() if here.has_map else panes_of([]), "changed": list(here.changed.sentences),
            "masks_changed": here.changed.masks == CHANGED, "locked": _locked(here),
            "notes": [*here.notes, *([NO_MAP] if other is not None and len(picture.layers) == 1 else [])]}  # fmt: skip


def _locked(here: images.ImageData) -> str:
    if here.changed.photo == CHANGED:
        return ANOTHER
    return "" if here.photo_shown else UNREAD


def _picture(picture: Picture, run: Run, number: int) -> dict[str, Any]:
    return {
        "id": picture.id, "name": picture.name, "height": picture.size[0], "width": picture.size[1],
        "photo": _at(run, number, "photo"),
        "truth": None if picture.truth is None else _at(run, number, "truth"),
    }  # fmt: skip


def _layer(layer: Layer, run: Run, number: int) -> dict[str, Any]:
    return {
        "name": layer.name, "values": _at(run, number, "map"), "half": layer.packed()[1],
        "shape": layer.values.shape, "placing": asdict(layer.placing), "limits": layer.limits, "span": layer.span,
        "good": layer.good and address.standing(run), "peak": layer.peak,
        "least": None if run.trim is None else _at(run, number, "least"),
    }  # fmt: skip


def _at(run: Run, number: int, kind: str) -> str:
    return address.picture(run.id, number, address.key(run, data.test_images(run), number), kind)

"""Evidence of a made-up photo of 40 x 60 pixels in a grid of 4 x 6 patches, as its widget is given it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from patchcore_core.views.colours import INFERNO
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.web.packed import packed

HOSTILE = "<img src=x onerror=alert(1)>.png"
RAMP = np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
PICTURE = "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(RAMP)).decode("ascii")


def patch(row: int, column: int, k: int = 5, **other: Any) -> dict[str, Any]:
    near = [{"distance": f"{1 + number}.0000", "name": HOSTILE if number == 0 else f"good/{number}.png",
             "place": f"row {number}, column 1", "address": PICTURE, "note": ""} for number in range(k)]
    return {"place": [row, column], "k": k, "score": f"{row}.{column}00", "standing": "Higher than all 24 patches.",
            "scale": "", "address": PICTURE, "near": near, "note": ""} | other  # fmt: skip


def image(name: str = "a", **other: Any) -> dict[str, Any]:
    """With hot patches at (2, 3), (0, 1) and (3, 5)."""
    shares = np.linspace(0, 1, 24)
    return {
        "id": name, "grid": [4, 6], "size": [40, 60], "seen": [0, 0, 40, 60], "photo": PICTURE,
        "peaks": [[2, 3], [0, 1], [3, 5]], "scores": packed(np.arange(24.0)), "inferno": INFERNO.tobytes().hex(),
        "layers": [{"name": "blocks.2", "shares": packed(shares)}, {"name": "blocks.4", "shares": packed(1 - shares)}],
        "resembles": packed(np.repeat([0.0, 1.0], 12)),
        "images": [{"name": HOSTILE, "address": PICTURE, "colour": "#88CCEE", "share": 0.5, "note": ""},
                   {"name": "good/1.png", "address": "", "colour": "#CC6677", "share": 0.5, "note": "The file is gone."}
                   ],
        "receipt": [["Its score s*", "2.3000", "The distance."], ["Image score", "2.3000", "Compared."]],
        "variants": [{"name": "k", "help": "Rows.", "values": [{"label": "1", "score": "2.3000", "used": True},
                                                               {"label": "3", "score": "2.9000", "used": False}]}],
        "notes": [], "patches": [patch(2, 3)],
    } | other  # fmt: skip


def evidence(of: dict[str, Any] | None = None, *patches: dict[str, Any], **other: Any) -> dict[str, Any]:
    """`Data` of views/web/evidence/data.js."""
    return {"image": of or image(), "patches": list(patches), "asks": True, "keys": True, "zooms": True,
            "zone": "NG, from 2.0000 up", "error": "", "picked": None} | other  # fmt: skip

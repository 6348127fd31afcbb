"""Pictures drawn by this program are marked, so that they are not taken for photos or masks later."""

from __future__ import annotations

from pathlib import Path

MARK = {"Software": "PatchCore Explorer, drawn of a photo"}  # PNG signature
DRAWN_ENDS = ("_anomaly_map.png", "_overlay.png", "_mask.png")  # of their names
_HEAD = 512  # bytes; the mark stands before the pixels


def is_own_picture(path: Path | str) -> bool:
    """Whether the file is a PNG with our mark; False if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return b"".join(part.encode() for part in ("tEXtSoftware", "\0", MARK["Software"])) in file.read(_HEAD)
    except (OSError, ValueError):
        return False

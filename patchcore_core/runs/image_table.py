"""images.csv: one row per scored image, with paths relative to the dataset, so that it may be moved."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchcore_core.checked import path_text, sequence
from patchcore_core.runs.files import TEXT, leads_outside, refuse_larger

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "path": "object", "split": "object", "label": "int64", "defect_type": "object", "mask_paths": "object",
    "image_score": "float32", "height": "int64", "width": "int64", "orientation": "int64",
    "mask_kept": "float64", "unlike": "float64",
    "sha256": "object", "masks_sha256": "object", "map_index": "int64",  # a number last, so that truncation is noticed
}  # fmt: skip
OLD_COLUMNS = ("path", "split", "label", "defect_type", "mask_path", "image_score", "height", "width", "mask_kept",
               "map_index")  # fmt: skip

ROW_BYTES = 2**17  # more than any row takes
LONGEST_SIDE = 10**7  # of a photo, pixels
_MASKS = sequence(path_text)


def image_table(columns: dict[str, Any]) -> pd.DataFrame:
    """A table with all of `COLUMNS`; `mask_paths` are tuples of text; missing contents are "", missing orientations 1,
    and whether a photo is unlike NaN."""
    import pandas as pd

    count = len(columns["path"])
    given = {"orientation": [1] * count, "unlike": [float("nan")] * count, "sha256": [""] * count,
             "masks_sha256": [""] * count} | columns  # fmt: skip
    return pd.DataFrame({name: pd.Series(given[name], dtype=kind) for name, kind in COLUMNS.items()})


def write_image_table(images: pd.DataFrame, path: Path, root: Path) -> None:
    """Write the table of a run whose dataset lies at `root`."""
    import pandas as pd

    def short(name: str) -> str:
        return Path(name).relative_to(root).as_posix() if Path(name).is_relative_to(root) else name

    images = images.copy()
    masks = [json.dumps([short(name) for name in names], ensure_ascii=False) if names else ""
             for names in images["mask_paths"]]
    images["mask_paths"] = pd.Series(masks, dtype="object")
    images["path"] = pd.Series([short(name) for name in images["path"]], dtype="object")
    broken = any("\r" in text for name in ("path", "defect_type", "mask_paths") for text in images[name])
    quoting = csv.QUOTE_NONNUMERIC if broken else csv.QUOTE_MINIMAL  # which leaves a lone \r as it is: a row would end
    images.to_csv(path, index=False, quoting=quoting, **TEXT)


def within(dataset: str, path: str) -> str:
    """The path of an image relative to its dataset, unchanged where it lies elsewhere."""
    return path.removeprefix(dataset.rstrip("/") + "/")


def read_image_table(path: Path, root: Path, maps: int, exact: bool = True) -> pd.DataFrame:
    """Read the table of a run with this many anomaly maps, or not `exact` with at most so many, paths absolute;
    ValueError if it does not match.

    Tables of older runs, with one mask per image or without contents, orientations and unlike photos, are read too.
    """
    import numpy as np
    import pandas as pd

    refuse_larger(path, ROW_BYTES * (maps + 1))
    with np.errstate(all="ignore"):  # invalid values are refused below
        frame = pd.read_csv(
            path, dtype=COLUMNS | {"mask_path": "object"}, keep_default_na=False,
            na_values={name: [""] for name in ("image_score", "mask_kept", "unlike")}, encoding="utf-8",
            encoding_errors="surrogateescape",
        )  # fmt: skip
    if tuple(frame) == OLD_COLUMNS:
        frame["mask_paths"] = [json.dumps([name]) if name else "" for name in frame.pop("mask_path")]
        frame["sha256"] = frame["masks_sha256"] = ""
    if "orientation" not in frame:
        frame["orientation"] = 1
    if "unlike" not in frame:
        frame["unlike"] = np.nan
    if not exact:
        maps = min(maps, len(frame))
    if set(frame) != set(COLUMNS) or frame["map_index"].tolist() != [*range(maps)]:
        raise ValueError(f"expected one row per anomaly map ({maps}) and columns {', '.join(COLUMNS)}")
    _refuse_absurd(frame)
    listed = [_MASKS(json.loads(names or "[]"), "mask_paths") for names in frame["mask_paths"]]
    for name in (*frame["path"], *(name for names in listed for name in names)):
        if not name or leads_outside(name):
            raise ValueError(f"{name[:200]!r} is no path within the dataset")
    masks = [tuple(str(root / name) for name in names) for names in listed]
    # pandas' own text type refuses undecodable file names
    frame["path"] = pd.Series([str(root / name) for name in frame["path"]], dtype="object")
    frame["mask_paths"] = pd.Series(masks, dtype="object")
    frame["image_score"] = frame["image_score"].astype("float64")  # the exact float32 values, as evaluated
    return frame[list(COLUMNS)]


def _refuse_absurd(frame: pd.DataFrame) -> None:
    """ValueError, naming the column, for impossible numbers."""
    import numpy as np

    allowed = {
        "label": frame["label"].isin((-1, 0, 1)), "height": frame["height"].between(1, LONGEST_SIDE),
        "width": frame["width"].between(1, LONGEST_SIDE), "image_score": ~np.isinf(frame["image_score"]),
        "orientation": frame["orientation"].between(1, 8),
        "mask_kept": frame["mask_kept"].isna() | frame["mask_kept"].between(0, 1),
        "unlike": frame["unlike"].isna() | frame["unlike"].isin((0, 1)),
    }  # fmt: skip
    for name, fine in allowed.items():
        if not fine.all():
            raise ValueError(f"{name} cannot be {frame[name][~fine].iloc[0]}")

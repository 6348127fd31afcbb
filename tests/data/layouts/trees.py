"""Trees of folders, each a line of files, and what is read of them in short."""

from __future__ import annotations

from pathlib import Path

from patchcore_core.data.dataset import Dataset

LEARNED = "train/good/01.png train/good/02.png "


def short(dataset: Dataset) -> tuple[list[str], dict[str, list[str]]]:
    """The training photos, and the test photos with type and masks."""
    def name(path: Path) -> str:
        return path.relative_to(dataset.root).as_posix()

    assert {sample.label for sample in dataset.test if sample.defect_type == "good"} <= {0}
    assert {sample.label for sample in dataset.test if not sample.defect_type} <= {None}
    tested = {f"{sample.defect_type}:{name(sample.path)}": [name(mask) for mask in sample.mask_paths]
              for sample in dataset.test}  # fmt: skip
    assert len(tested) == len(dataset.test)
    return [name(sample.path) for sample in dataset.train], tested

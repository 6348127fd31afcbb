"""The quick reader of scores says what the full table says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs.compared.replicates import key_of
from patchcore_core.runs.image_table import within, write_image_table
from patchcore_core.runs.keeping.tested import read_tested


def test_it_agrees_with_the_full_table(store, draft, finish):
    scores = np.float32([0.1, 0.7, 1e-7, 3.3, 2.5, 9.125])
    run = finish(store.begin(draft()), scores)
    tested, images = read_tested(run), store.images(run)
    assert list(tested.names) == [within(run.dataset, path) for path in images["path"]]
    assert tested.labels.tolist() == images["label"].tolist()
    assert tested.scores.tolist() == images["image_score"].tolist()
    assert tested.key == key_of(images)
    assert tested.shown == 3  # the defective ones score 0.7, 3.3 and 9.125
    assert (tested.photo, tested.masks) == ("test/3.png", ("mask.png",))


def test_names_with_ends_of_lines_in_them_are_read_by_both(store, draft, finish):
    run = finish(store.begin(draft()), range(4))
    images = store.images(run)
    images["path"] = [path.replace("test/", name) for path, name in zip(images["path"], "abcd", strict=True)]
    odd = images.assign(path=[f"{path[:-4]}{end}x.png" for path, end in
                              zip(images["path"], ("\r", "\r\n", "\n", '"'), strict=True)],
                        mask_paths=[(f"{run.dataset}/mask\r,\n.png",)] * 4)  # fmt: skip
    for table in (images, odd):
        write_image_table(table, run.folder / "images.csv", Path(run.dataset))
        pd.testing.assert_frame_equal(store.images(run), table, check_dtype=False)
        assert list(read_tested(run).names) == [within(run.dataset, path) for path in table["path"]]


def test_without_defective_images_the_highest_stands_for_the_run(store, draft, finish):
    run = finish(store.begin(draft(identity="a")), [0.5])
    assert read_tested(run).shown == 0
    assert read_tested(finish(store.begin(draft(identity="b")), [])).shown is None


def test_a_damaged_table_is_named(store, draft, finish):
    run = finish(store.begin(draft()))
    path = run.folder / "images.csv"
    path.write_text(path.read_text().replace("test/1.png", "../../secret.png"))
    with pytest.raises(StoreError, match=r"images\.csv: cannot be read.*no path within the dataset"):
        read_tested(run)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(StoreError, match=r"images\.csv"):
        read_tested(run)

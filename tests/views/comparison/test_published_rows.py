"""Published figures beside a run."""

from dataclasses import replace

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.evaluation.statistics.paired import RunImages
from patchcore_core.views.comparison.best_table import best_rows
from patchcore_core.views.comparison.published_rows import published_table, references
from tests.views.comparison.made import entry

TESTED = {"r0": RunImages("", np.zeros(0), np.zeros(0))}


def test_each_published_value_says_what_differs():
    own = replace(entry(0, "bottle", 0.95), config=PatchCoreConfig.preset("paper", coreset_ratio=0.1),
                  counts=PhotoCounts(209, 20, 63))
    row, = best_rows([own], TESTED, "image_auroc")
    table = published_table("bottle", references(row, "image_auroc"))
    assert [line["published"] for line in table] == sorted((line["published"] for line in table), reverse=True)
    paper = next(line for line in table if "coreset 10%" in line["protocol"])
    assert paper["difference"] == 0.95 - paper["published"]
    assert "re-weighting eq. 7 (ours none)" in paper["protocol differs"]
    assert "coreset" not in paper["protocol differs"]
    other = next(line for line in table if "coreset 1%" in line["protocol"])
    assert "coreset 1 % (ours 10 %)" in other["protocol differs"]


def test_other_data_have_no_published_figures():
    row, = best_rows([entry(0, "my parts")], TESTED, "image_auroc")
    assert references(row, "image_auroc") == []

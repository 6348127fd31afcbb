"""What Compare says about differences: chance, repeated seeds, several categories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from patchcore_core.evaluation.statistics.differences import delong_test
from patchcore_core.runs.store import Run
from tests.pages.compare.test_compare import both
from tests.pages.reading import read

MakeRun = Callable[..., Run]


# how far the differences can be trusted


def test_a_difference_that_chance_can_make_is_called_so(scored_run: MakeRun, open_page: Any) -> None:
    worse, good = scored_run({"test/hole/000.png": 0.1}), scored_run(seed=1)
    app = open_page("compare", runs=both(worse, good))
    assert not app.exception
    assert "A and B: no significant difference" in read(app).replace("**", "")
    test = delong_test([0] * 4 + [1] * 5, [0.2] * 4 + [0.1] + [0.8] * 4, [0.2] * 4 + [0.8] * 5)
    row = next(table.value for table in app.table if "p (Holm)" in table.value.columns).loc["B against A"]
    assert row["difference"] == "+0.200"
    assert row["p"] == row["p (Holm)"] == f"{test.p_value:.3f}"


def test_a_difference_beyond_chance_names_the_better_run(scored_run: MakeRun, open_page: Any) -> None:
    names = [f"test/hole/{number:03d}.png" for number in range(3)] + ["test/scratch/000.png", "test/scratch/001.png"]
    spread = dict(zip(names, (0.1, 0.11, 0.12, 0.13, 0.14), strict=True))
    app = open_page("compare", runs=both(scored_run(spread | {"test/good/000.png": 0.115}), scored_run(seed=1)))
    assert not app.exception
    assert "B is significantly better than A in Image AUROC" in read(app).replace("**", "")


def test_runs_that_rank_alike_cannot_be_tested(scored_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(scored_run(), scored_run(seed=1)))
    assert "both runs rank the images in the same way" in read(app)


def test_repeated_seeds_are_a_mean_and_a_spread(scored_run: MakeRun, open_page: Any) -> None:
    first = scored_run({"test/hole/000.png": 0.1})
    scored_run(seed=1)
    other = scored_run(coreset_ratio=0.5)
    app = open_page("compare", runs=both(first, other))
    row = next(table.value for table in app.table if "seeds" in table.value.columns).loc["A"]
    assert row["seeds"] == "2"
    assert row["Image AUROC"] == "0.900 ± 0.141"  # of 0.8 and 1.0
    assert "None of" in read(open_page("compare", runs=both(other, scored_run(coreset_ratio=0.9))))


def test_three_configurations_over_two_categories_are_ranked(
    scored_run: MakeRun, data_root: Path, open_page: Any
) -> None:
    for place in (data_root / "tile").rglob("*.png"):
        target = data_root / "brick" / place.relative_to(data_root / "tile")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(place))).save(target)
    missed = [f"test/hole/{number:03d}.png" for number in range(3)]
    runs = [scored_run(dict.fromkeys(missed[:misses], 0.1), category, coreset_ratio=ratio)
            for category in ("tile", "brick") for misses, ratio in ((2, 0.1), (0, 0.2), (1, 0.3))]
    app = open_page("compare", runs=both(*runs[:2]))
    assert not app.exception
    assert "over 2 categories (Friedman p" in read(app)
    table = next(table.value for table in app.dataframe if "brick" in table.value.index)
    assert table.loc["brick"].tolist() == ["1.000", "0.800", "0.600"]  # best average rank first
    assert table.columns.tolist() == ["20 %", "30 %", "10 %"]
    assert "Over several categories" in [element.value for element in app.subheader]


def test_too_few_categories_are_not_ranked(scored_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(scored_run(), scored_run(seed=1)))
    assert "Over several categories" not in [element.value for element in app.subheader]

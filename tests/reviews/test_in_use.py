"""Which threshold a run is used with, and how that is said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use, with_chosen
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.made_runs import draft, finish

__all__ = ["draft", "finish"]
RUN = Run(id="r", status="finished", category="tile", dataset="", config=PatchCoreConfig(), folder=Path(),
          thresholds={"heldout_p99": 24.0, "f1_max": 20.0, "pixel_f1_max": 3.0})  # fmt: skip
KIM = ChosenThresholds(3, "r", 21.4, None, 18.0, "Kim", "2026-05-03T10:00:00+00:00")


def test_the_chosen_threshold_comes_before_the_run_s_own_and_names_it() -> None:
    used = in_use(RUN, KIM)
    assert (used.value, used.rule, used.own, used.chosen) == (21.4, "chosen", 24.0, True)
    assert used.sentence == "threshold 21.400, chosen by Kim on 2026-05-03; held-out rule: 24.000"


def test_a_level_that_nobody_has_chosen_keeps_its_own() -> None:
    used = in_use(RUN, KIM, "pixel")
    assert (used.value, used.rule, used.chosen) == (3.0, "pixel_f1_max", False)
    assert used.sentence == "pixel threshold 3.0000, set by the pixel_f1_max rule (oracle)"


def test_without_any_threshold_that_is_said() -> None:
    used = in_use(replace(RUN, thresholds={}), ChosenThresholds())
    assert math.isnan(used.value)
    assert (used.rule, used.sentence) == (None, "no threshold: the run has none")
    chosen = in_use(replace(RUN, thresholds={}), KIM)
    assert chosen.sentence == "threshold 21.400, chosen by Kim on 2026-05-03; the run has none of its own"


def test_a_hostile_author_stays_one_printable_line() -> None:
    used = in_use(RUN, replace(KIM, author="\x1b[31mKim\n"))
    assert used.sentence.isprintable()
    assert used.set_by.isprintable()


@pytest.mark.parametrize("threshold", [0.0, 0.25, 1.0, 1.5, 2.0, 9.0])
def test_the_chosen_threshold_is_counted_from_the_stored_scores(tmp_path, draft, finish, threshold) -> None:
    store = RunStore(tmp_path / "runs")
    scores, labels = np.array([0.25, 1.5, 2.0, 0.5]), np.arange(4) % 2
    run = finish(store.begin(draft()), scores, thresholds={"heldout_p99": 0.3})
    found = with_chosen(store, run, replace(KIM, image=threshold, review_from=None))
    reach = scores >= threshold
    assert (found.found.found, found.found.defective) == (int(reach[labels == 1].sum()), 2)
    assert (found.found.false_alarms, found.found.good) == (int(reach[labels == 0].sum()), 2)
    assert found.metrics["image_recall"] == reach[labels == 1].mean()
    assert found.metrics["image_false_alarm_rate"] == reach[labels == 0].mean()
    assert with_chosen(store, run, ChosenThresholds()) is run


def test_all_gives_the_newest_choice_of_each_run(tmp_path) -> None:
    choices = ChosenThresholdsOf(tmp_path)
    assert choices.all() == {}
    choices.use("a", "Ann", image=1.0)
    choices.use("b", "Ben", image=2.0)
    choices.use("a", "Ann", pixel=3.0)
    assert {run: (entry.image, entry.pixel) for run, entry in choices.all().items()} == {"a": (None, 3.0),
                                                                                         "b": (2.0, None)}

"""Held-out scores computed again are those of the fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patchcore_core.evaluation.values import HeldOut, OddPhoto, TrainingImage
from patchcore_core.fitting.bank.photos import Photos
from patchcore_core.fitting.bank.suspects import Numbered, held_out_again, ranked
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.store import RunStore
from tests.fitting.bank.fitted import only_run


def test_scores_of_an_older_run_are_those_that_a_fit_records(fitted: Path) -> None:
    run = only_run(fitted)
    recorded = RunStore(fitted / "runs").training_images(run)
    again = held_out_again(Photos(load_detector(run.folder / "memory_bank"), run))
    assert recorded is not None
    assert [image.path for image in again] == [image.path for image in recorded]
    assert [image.score for image in again] == pytest.approx([image.score for image in recorded], rel=1e-3)
    assert [image.sha256 for image in again] == [image.sha256 for image in recorded]


def test_the_highest_score_comes_first_and_no_score_last() -> None:
    images = [TrainingImage(name, "", score) for name, score in (("a", 1.0), ("b", float("nan")), ("c", 3.0))]
    assert [image.path for image in ranked(images)] == ["c", "a", "b"]


def test_near_copies_are_one_group_by_the_names_in_the_record(fitted: Path) -> None:
    copies = ("g/b", "g/c"), ("gone", "g/a")
    run = replace(only_run(fitted), heldout=HeldOut(copies=copies, odd=(OddPhoto("x", 1.0),)))
    known = Numbered.of(run, [f"{run.dataset}/g/{name}" for name in "abc"] + ["/elsewhere/d"])
    assert known.names == ("g/a", "g/b", "g/c", "/elsewhere/d")
    assert known.groups.tolist() == [0, 1, 1, 3]

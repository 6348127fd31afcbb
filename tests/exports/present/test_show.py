"""The screens of a stored run whose counts are plain to see, and what they say where something is missing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.show import chosen_rows, screens
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.present.deck import Screen, as_data, with_addresses
from patchcore_core.views.present.sentences import NO_DECISION, NO_DEFECTIVE
from tests.tiny import save

SCORES = (0.25, 1.5, 2.0, 0.5)  # labels 0, 1, 0, 1
Make = Callable[..., Presented]


@pytest.fixture
def make(store: RunStore, draft: Callable[..., Run], finish: Any) -> Make:
    """`make(scores, **changes)`: a run with a photo for each score and the threshold 1.0."""

    def run(scores: tuple[float, ...] = SCORES, identity: str = "same", **changes: Any) -> Presented:
        given = {"thresholds": {"heldout_p99": 1.0, "pixel_heldout_p999": 1.0}, **changes}
        made = finish(store.begin(draft(identity=identity)), scores, **given)
        for number in range(len(scores)):
            save(Path(made.dataset, "test", f"{number}.png"), np.full((20, 30, 3), 100 + number, np.uint8))
        return Presented.of(store, made)

    return run


def shown(runs: list[Presented], names: tuple[str, ...] = (), **given: Any) -> tuple[Screen, ...]:
    return screens(runs, chosen_rows(runs[0], names), lambda _, place: place, **given)


def words(found: tuple[Screen, ...]) -> str:
    return "\n".join(line for screen in found for line in (screen.title, *screen.words, *screen.notes))


def test_one_thing_after_the_other(make: Make) -> None:
    found = shown([make()])
    assert [screen.kind for screen in found] == ["title", "rate", "rate", "cost", *["example"] * 4, "limits"]
    assert "Of 100 defective parts it finds 50, at worst 9." in found[1].words  # Wilson of 1 of 2: 9.5 to 90.5 %
    assert "Of 1,000 good parts it stops 500 by mistake, at worst 906." in found[2].words
    dots = found[2].dots
    assert dots is not None
    assert (dots.base, dots.count, dots.ring_from, dots.ring_to) == (1000, 500, 500, 906)
    assert dots.key == ("stopped", "let through")
    assert [screen.name for screen in found[4:8]] == [f"example test/{number}.png" for number in (1, 3, 2, 0)]
    assert [figure.words for figure in found[4].figures] == ["Photo", "What looks unlike good parts", "What it marks"]
    assert [figure.words for figure in found[0].figures] == ["Photo", "What looks unlike good parts"]
    json.dumps(as_data(found), allow_nan=False)


def test_the_limit_is_explained_once(make: Make) -> None:
    said = "A part is stopped when its score reaches a limit."
    one = make()
    (note,) = shown([one])[0].notes
    assert note.startswith(f"{said} The limit was set with good training parts alone")
    several = shown([one, make(identity="other")])[0].notes
    assert [said in note for note in several] == [True, False, False]
    assert said not in words(shown([make(identity="none", thresholds={})]))


def test_a_part_that_is_marked_and_passes_all_the_same_says_why(make: Make) -> None:
    def noted(**thresholds: float) -> list[bool]:
        one = make(thresholds={"heldout_p99": 1.0, **thresholds}, identity=str(thresholds))
        found = {screen.name: screen.notes for screen in shown([one]) if screen.kind == "example"}
        return ["marks a spot, but" in " ".join(found[f"example test/{number}.png"]) for number in range(4)]

    assert noted(pixel_heldout_p999=-1.0) == [True, False, False, True]  # scores 0.25, 1.5, 2.0, 0.5
    assert noted(pixel_heldout_p999=100.0) == [False] * 4
    assert noted() == [False] * 4


def test_the_presenter_chooses_and_orders(make: Make) -> None:
    one = make()
    found = shown([one], ("test/0.png", "nowhere.png", "test/3.png", "test/0.png"))
    assert [screen.name for screen in found][4:6] == ["example test/0.png", "example test/3.png"]
    assert chosen_rows(one, ("nowhere.png",)) == [1, 3, 2, 0]


def test_the_thresholds_in_use_count(make: Make) -> None:
    one = make()
    ChosenThresholdsOf(one.store.root).use(one.run.id, "Ann", image=1.8, review_from=1.2)
    now = Presented.of(one.store, one.run)
    assert (now.threshold, now.pixel_threshold, now.source) == (1.8, 1.0, "manual")
    said = words(shown([now]))
    assert "it finds none, at best 66." in said  # Wilson of 0 of 2: 65.8 %
    assert "chosen by Ann on 20" in said
    assert "of 100 defective parts 50" in said  # the one of 1.5 is left to a person
    assert "may have seen these results" in said


def test_labels_that_reviewers_doubt_are_said(make: Make) -> None:
    one = make()
    judged = Path(one.images.at[1, "path"])
    Verdicts(one.store.root).give(Photo(judged, 1, "NA", "tile"), "label_wrong", "Ann")
    assert "Reviewers say that the label of 1 test photo is wrong" in words(shown([Presented.of(one.store, one.run)]))


def test_an_oracle_and_a_threshold_of_good_test_parts_say_so(make: Make) -> None:
    oracle, good = make(thresholds={"f1_max": 1.0}), make(identity="b", thresholds={"good_p99": 1.0})
    assert "chosen with these very test parts" in words(shown([oracle]))
    assert "set on the test parts with their labels" in words(shown([oracle]))
    assert "the same good test parts" in words(shown([good]))


def test_without_a_threshold_nothing_is_decided(make: Make) -> None:
    found = shown([make(thresholds={})])
    assert [screen.kind for screen in found] == ["title", "rate", "rate", *["example"] * 4, "limits"]
    assert found[1].words == found[2].words == (NO_DECISION,)
    assert not any("At worst" in note for note in found[1].notes)
    assert not found[1].bars
    assert [figure.words for figure in found[3].figures][2:] == ["What it marks"]
    assert "no limit from which it marks a pixel" in found[3].notes[0]


def test_without_test_images(make: Make) -> None:
    found = shown([make(())])
    assert [screen.kind for screen in found] == ["title", "rate", "rate", "limits"]
    assert "It has not been tested on other parts." in found[0].words
    assert NO_DEFECTIVE in found[1].words
    assert NO_DEFECTIVE in found[-1].words


def test_good_parts_only(make: Make) -> None:
    found = shown([make((0.25,))])
    assert NO_DEFECTIVE in found[1].words
    assert [screen.kind for screen in found] == ["title", "rate", "rate", "cost", "example", "limits"]
    assert found[3].prices[0].found is None


def test_without_labels_nothing_is_claimed(make: Make) -> None:
    one = make()
    found = shown([dataclasses.replace(one, images=one.images.assign(label=-1, defect_type=""))])
    said = words(found)
    assert "Then it was tested on 4 other photos: 4 without a label." in said
    assert [screen.kind for screen in found] == ["title", "rate", "rate", *["example"] * 4, "limits"]
    assert NO_DEFECTIVE in found[1].words
    assert "4 test photos without a label are not counted." in found[-1].words
    assert "Part without a label: stopped" in said
    assert "finds" not in said.replace("finds is not known", "")


def test_a_photo_that_is_gone_or_another_now_is_said_without_its_path(make: Make) -> None:
    one = make()
    Path(one.run.dataset, "test", "1.png").unlink()
    save(Path(one.run.dataset, "test", "3.png"), np.zeros((40, 30, 3), np.uint8))
    found = [screen for screen in shown([one]) if screen.kind == "example"]
    assert [bool(screen.figures) for screen in found] == [False, False, True, True]
    assert "gone or has changed" in found[0].notes[0]
    assert str(one.run.dataset) not in words(tuple(found))


def test_two_runs_on_the_same_parts(make: Make) -> None:
    found = shown([make(), make((0.25, 1.5, 0.5, 2.0), identity="other")])
    said = words(found)
    assert "Run A: Of 100 defective parts it finds 50, at worst 9." in said
    assert "Run B: Of 100 defective parts it finds 100, at worst 34." in said  # Wilson of 2 of 2: 34.2 %
    assert "only Run A is right on 0, only Run B on 1: which may be chance (p = 1)." in said
    assert [bar.label for bar in found[1].bars] == ["Run A", "Run B"]
    assert [figure.run for figure in found[4].figures] == ["Run A"] * 3 + ["Run B"] * 2


def test_runs_of_several_categories_and_too_many_are_refused(make: Make) -> None:
    one = make()
    other = dataclasses.replace(one, run=dataclasses.replace(one.run, category="bottle"))
    for runs in ([one, other], [], [one] * 7):
        with pytest.raises(DataError, match="presented together"):
            screens(runs, [], lambda *_: "")


class Model:
    """A model whose highest patch is at row 1, column 0 and came from row 0, column 1 of the first training photo."""

    transform = Transform(4, None, (0.0,) * 3, (1.0,) * 3)

    def __init__(self, path: Path, origin: bool = True) -> None:
        self.training = SimpleNamespace(paths=(str(path),), contents=("",))
        self.image = 0 if origin else -1

    def evidence(self, rgb: np.ndarray) -> Any:  # noqa: ARG002
        scores = np.array([[0.0, 1.0], [9.0, 2.0]])
        row = SimpleNamespace(distance=9.0, image=self.image, row=0, column=1)
        paid = SimpleNamespace(patch=(1, 0), patch_score=9.0, pixel=(3, 0), map_score=9.0, weight=None, score=9.0)
        return SimpleNamespace(
            config=PatchCoreConfig(layers=("a",)), grids=((2, 2),), patch_scores=scores,
            layer_shares=np.ones((1, 2, 2)), resembles=np.full((2, 2), self.image), receipt=paid, variants=(),
            patch_score=lambda *at: scores[at],
            nearest=lambda row_, column, k: SimpleNamespace(scale=0, cell=(row_, column), rows=[row] * k),
        )  # fmt: skip


def test_three_examples_get_their_evidence(make: Make, tmp_path: Path) -> None:
    model: Any = Model(save(tmp_path / "good.png", np.full((20, 30, 3), 90, np.uint8)))
    found = shown([make()], model=model)
    kinds = [screen.kind for screen in found]
    assert kinds[4:] == ["example", "evidence"] * 3 + ["example", "limits"]
    assert len(found[5].figures) == 3
    details = found[5].evidence
    assert details is not None
    assert (details["asks"], details["zone"]) == (False, "NG, from 1.0000 up")
    assert [patch["place"] for patch in details["image"]["patches"]] == [[1, 0]]  # there is no room for another
    first = details["image"]["patches"][0]["near"][0]
    assert (first["name"], first["address"], first["note"]) == ("good.png", "1.good.0.0.0.1", "")
    assert dict(row[:2] for row in details["image"]["receipt"])["Image score"] == "9.0000"
    json.dumps(as_data(found), allow_nan=False)
    moved = with_addresses(found[5], lambda place: f"/media/{place}")
    assert moved.evidence is not None
    assert moved.evidence["image"]["photo"] == "/media/1.whole"
    assert moved.evidence["image"]["patches"][0]["near"][0]["address"] == "/media/1.good.0.0.0.1"
    assert moved.figures[0].address.startswith("/media/")


def test_evidence_without_the_good_photo_and_without_its_origin(make: Make, tmp_path: Path) -> None:
    gone: Any = Model(tmp_path / "gone.png")
    told = [screen for screen in shown([make()], model=gone) if screen.kind == "evidence"]
    assert [len(screen.figures) for screen in told] == [2, 2, 2]
    assert "good photo is gone" in told[0].notes[0]
    assert told[0].evidence is not None
    (near, *_) = told[0].evidence["image"]["patches"][0]["near"]
    assert (near["address"], "good photo is gone" in near["note"]) == ("", True)
    assert str(tmp_path) not in str(told)
    other: Any = Model(tmp_path / "gone.png", origin=False)
    assert not [screen for screen in shown([make(identity="b")], model=other) if screen.kind == "evidence"]

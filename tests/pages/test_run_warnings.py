"""What the reader of a run's figures is warned of is seen at the head of every page that shows them."""

from __future__ import annotations

import json

import pytest

from pages.ui.review import data
from pages.ui.review.workspace import levels
from pages.ui.review.workspace.checks import checks as findings
from tests.pages.reading import checks, read, workspace

ODD = "train/good/012.png: its score is 41.2 <b>x</b> **y**; the threshold is 26.3, with it 41.2"
COPIES = "14 of 60 training photos are near-copies of others"


@pytest.fixture
def warned(make_run):
    """`warned(…)`: a run whose fit had two warnings and one of whose badges warns."""

    def make(**fields):
        run = make_run(trusted=True, **fields)
        record = json.loads((run.folder / "run.json").read_text())
        record["warnings"] = [ODD, COPIES]
        badge = next(badge for badge in record["badges"] if badge["key"] == "identical")
        badge |= {"level": "warning", "label": "a test image in training", "sentence": "1 of 9 was trained on."}
        (run.folder / "run.json").write_text(json.dumps(record))
        return run

    return make


def counts(app):
    return [node.proto.popover.label for node in app.get("popover") if "warning" in node.proto.popover.label]


def warnings(app):
    """How many the first line of Review counts."""
    return sum(one["level"] == "warning" for one in workspace(app)["parts"]["checks"]["checks"])


def test_a_count_opens_the_list(warned, open_page):
    app = open_page("inspect_image", run=warned().id)
    assert not app.exception
    assert counts(app) == [":orange[**3 warnings**]"]
    told = read(app)
    for words in (ODD, COPIES, "a test image in training", "1 of 9 was trained on."):
        assert words in told


def test_review_comes_with_the_count_and_the_list(warned, open_page):
    app = open_page("review", run=warned().id)
    assert not app.exception
    assert warnings(app) == 3
    for words in (ODD, COPIES, "a test image in training", "1 of 9 was trained on."):
        assert words in checks(app)


def test_an_oracle_threshold_is_one_more_on_review(warned, store):
    run = store.get(warned().id)
    images = data.test_images(run)
    points = levels.of_images(run, images)
    found = findings(run, images, points.at(run.thresholds["f1_max"], "f1_max"))
    assert sum(one["level"] == "warning" for one in found["checks"]) == 4


def test_compare_has_a_count_for_each_run(warned, make_run, open_page):
    runs = [warned(), make_run(trusted=True, image_size=48), warned(image_size=64)]
    app = open_page("compare", runs=",".join(run.id for run in runs))
    assert not app.exception
    assert counts(app) == [":orange[**3 warnings**]"] * 2


def test_overview_has_a_column(warned, make_run, open_page):
    warned()
    make_run(trusted=True, image_size=48)
    make_run("failed", image_size=64)
    table = open_page("overview").dataframe[0].value
    assert table["warnings"].fillna(-1).tolist() == [-1, 0, 3]


def test_the_job_list_of_fit_counts_them(warned, open_page):
    assert ":orange[:material/warning: 3 warnings]" in read(open_page("fit", jobs=warned().id))


def test_what_a_badge_warns_of_is_not_told_again(warned, open_page):
    run = warned()
    record = json.loads((run.folder / "run.json").read_text())
    record["warnings"] = ["1 of 9 was trained on.", f"{run.dataset}/test/day2: 3 images are not used"]
    (run.folder / "run.json").write_text(json.dumps(record))
    app = open_page("review", run=run.id)
    assert warnings(app) == 2
    assert [line for line in checks(app).splitlines() if "day2" in line] == [
        "Warning of the fit: test/day2: 3 images are not used "]
    assert open_page("overview").dataframe[0].value["warnings"].tolist() == [2]

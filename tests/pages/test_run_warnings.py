"""What the reader of a run's figures is warned of is seen at the head of every page that shows them."""

from __future__ import annotations

import json

import pytest

from tests.pages.reading import read

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


@pytest.mark.parametrize("page", ["review", "inspect_image"])
def test_a_count_opens_the_list(warned, open_page, page):
    app = open_page(page, run=warned().id)
    assert not app.exception
    assert counts(app) == [":orange[**3 warnings**]"]
    told = read(app)
    for words in (ODD, COPIES, "a test image in training", "1 of 9 was trained on."):
        assert words in told


def test_the_first_picture_of_review_comes_with_the_count(warned, open_page):
    assert counts(open_page("review", whole=False, run=warned().id)) == [":orange[**3 warnings**]"]


def test_an_oracle_threshold_is_one_more_on_review(warned, open_page):
    assert counts(open_page("review", run=warned().id, threshold="f1_max")) == [":orange[**4 warnings**]"]


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
    assert counts(app) == [":orange[**2 warnings**]"]
    assert [text.value for text in app.text if "day2" in text.value] == ["test/day2: 3 images are not used"]
    assert open_page("overview").dataframe[0].value["warnings"].tolist() == [2]

"""What a field does: order of values, names of lines, what was averaged over, plot and table."""

import pytest

from patchcore_core.views.comparison.field_table import effect_of, field_rows, in_words, line_names
from patchcore_core.views.comparison.plots import FEW, field_plot
from tests.views.comparison.made import entry

RUNS = [
    entry(0, auroc=0.8, coreset_ratio=0.25), entry(1, auroc=0.6, coreset_ratio=0.01),
    entry(2, auroc=0.9, coreset_ratio=0.25, num_neighbors=3), entry(3, auroc=0.7, coreset_ratio=0.01, num_neighbors=3),
    entry(4, "wood", 0.5, coreset_ratio=0.25), entry(5, "wood", 0.3, coreset_ratio=0.01),
    entry(6, "wood", 0.9, coreset_ratio=0.01, num_neighbors=9), entry(7, auroc=0.9, coreset_ratio=0.25, seed=1),
]  # fmt: skip
EFFECT = effect_of(RUNS, "coreset_ratio", "image_auroc")


def test_lines_and_their_mean():
    assert EFFECT.values == (0.01, 0.25)
    assert line_names(EFFECT, RUNS, "coreset_ratio") == ["tile · num_neighbors 1", "tile · num_neighbors 3",
                                                         "wood · num_neighbors 1"]
    assert [[point.value for point in line.points] for line in EFFECT.lines] == [
        pytest.approx([0.6, 0.85]), [0.7, 0.9], [0.3, 0.5]]
    assert [point.value for point in EFFECT.mean] == pytest.approx([(0.65 + 0.3) / 2, (0.875 + 0.5) / 2])


def test_what_was_averaged_over_is_named():
    lines, mean, left = in_words(EFFECT, RUNS)
    assert lines == ("3 lines, each of runs that are equal in all other settings and in the data, averaged over seeds.")
    assert mean == ("The mean is over the 3 lines with a run for every value: first over 1 to 2 combinations of other "
                    "settings within a category, then over 2 categories (tile, wood).")
    assert left.startswith("1 of the 8 runs are in no line")


def test_a_cost_can_stand_for_the_figure():
    found = effect_of(RUNS[:2], "coreset_ratio", "bank_bytes")
    assert [point.value for point in found.lines[0].points] == [2.0, 2.0]


def test_the_network_is_backbone_and_layers():
    runs = [entry(0, auroc=0.8), entry(1, auroc=0.6, backbone="resnet18", layers=("layer2", "layer3"))]
    found = effect_of(runs, "network", "image_auroc")
    assert len(found.lines) == 1
    assert line_names(found, runs, "network")[0]


def test_points_carry_their_runs_and_intervals():
    names = line_names(EFFECT, RUNS, "coreset_ratio")
    figure = field_plot(EFFECT, ["1 %", "25 %"], names, [one.id for one in RUNS], "coreset", "Image AUROC")
    assert [list(trace.customdata) for trace in figure.data[:3]] == [["r1", "r0"], ["r3", "r2"], ["r5", "r4"]]
    assert list(figure.data[0].error_y.array) == pytest.approx([0.05, 0.05])
    assert figure.data[3].name == "mean of 3"
    assert list(figure.layout.xaxis.ticktext) == ["1 %", "25 %"]


def test_many_lines_are_thin_and_only_the_mean_has_intervals():
    runs = [entry(number, auroc=0.5, coreset_ratio=ratio, num_neighbors=number // 2 + 1)
            for number, ratio in zip(range(2 * (FEW + 1)), [0.1, 0.2] * (FEW + 1), strict=True)]
    effect = effect_of(runs, "coreset_ratio", "image_auroc")
    figure = field_plot(effect, ["", ""], line_names(effect, runs, "coreset_ratio"), [one.id for one in runs], "", "")
    assert figure.data[0].error_y.array is None
    assert figure.data[-1].error_y.array is not None


def test_the_table():
    table = field_rows(EFFECT, line_names(EFFECT, RUNS, "coreset_ratio"), "coreset_ratio")
    assert len(table) == 3 * 2 + 2
    assert table[1] == {"line": "tile · num_neighbors 1", "coreset_ratio": "25 %", "value": pytest.approx(0.85),
                        "low": pytest.approx(0.8), "high": pytest.approx(0.9), "n": 2}
    assert [row["line"] for row in table[-2:]] == ["mean", "mean"]

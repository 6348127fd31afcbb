"""Combinations written out by hand."""

import pytest

from patchcore_core.errors import ConfigError
from patchcore_core.jobs.sweep import configurations


def test_every_combination_once_the_last_field_fastest() -> None:
    made = configurations({"num_neighbors": 3}, {"image_size": [128, 256], "coreset_ratio": [0.01, 0.1, 0.01]})
    assert [(one.image_size, one.coreset_ratio, one.num_neighbors) for one in made] == [
        (128, 0.01, 3), (128, 0.1, 3), (256, 0.01, 3), (256, 0.1, 3),
    ]  # fmt: skip


def test_nothing_varied_is_one_configuration() -> None:
    assert len(configurations({}, {})) == 1


@pytest.mark.parametrize(
    ("fixed", "varied", "named"),
    [
        ({}, {"coreset_ratio": []}, "coreset_ratio"),
        ({}, {"coreset_ratio": [0.1, 1.5]}, "coreset_ratio"),
        ({"center_crop": 200}, {"image_size": [256, 128]}, "center_crop"),
        ({"coreset": 1}, {}, "coreset"),
    ],
)
def test_what_cannot_work_is_named(fixed: dict[str, object], varied: dict[str, list[object]], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        configurations(fixed, varied)

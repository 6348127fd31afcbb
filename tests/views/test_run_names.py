"""Names that tell configurations apart."""

from dataclasses import replace

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.views.run_names import name_of, names_of, percent, size_and_more

USUAL = PatchCoreConfig(image_size=320)


def test_the_size_is_always_named_and_what_is_unusual():
    assert size_and_more(USUAL) == "320 px"
    assert size_and_more(replace(USUAL, seed=3, patch_size=5)) == "320 px · patch 5 · seed 3"


def test_the_fields_in_which_runs_differ_are_named_in_all_of_them():
    runs = [USUAL, replace(USUAL, num_neighbors=3, region_trim=True)]
    assert [size_and_more(run, runs) for run in runs] == [
        f"320 px · num neighbors {run.num_neighbors} · region trim {'on' if run.region_trim else 'off'}"
        for run in runs]  # fmt: skip
    seeds = [replace(USUAL, seed=seed) for seed in (0, 1)]
    assert [size_and_more(run, seeds) for run in seeds] == ["320 px · seed 0", "320 px · seed 1"]


def test_a_name_tells_a_configuration_from_those_of_like_settings_only():
    like, other = replace(USUAL, seed=1), replace(USUAL, coreset_ratio=0.2, num_neighbors=7)
    assert name_of(USUAL, [like, other]).endswith(" · 10 % · 320 px · seed 0")
    assert name_of(other, [USUAL, like]).endswith(" · 20 % · 320 px")


def test_names_of_many_are_those_of_each_among_all():
    configs = [replace(USUAL, seed=seed, coreset_ratio=ratio, region_trim=trim, scales=scales)
               for seed in (0, 2) for ratio in (0.1, 0.2) for trim in (True, False) for scales in ((), (64, 128))]
    assert names_of(configs) == [name_of(config, configs) for config in configs]
    assert len(set(names_of(configs))) == len(configs)


@pytest.mark.parametrize(("ratio", "text"), [(0.1, "10 %"), (0.005, "0.5 %"), (1.0, "100 %"), (0.29, "29 %")])
def test_percent(ratio: float, text: str) -> None:
    assert percent(ratio) == text

"""Names that tell configurations apart."""

from dataclasses import replace

from patchcore_core.config import PatchCoreConfig
from patchcore_core.views.run_names import size_and_more

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

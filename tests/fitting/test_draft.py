"""What a run is before it is computed: its identity, and what is refused."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import ConfigError, WeightsError
from patchcore_core.fitting import draft
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.fit import fit_run
from patchcore_core.jobs import jobs
from tests.made_runs import CONFIG


@pytest.mark.usefixtures("stand_in")
def test_a_coreset_that_will_be_selected_in_parts_is_another_run_which_says_so(store, category, monkeypatch):
    in_parts = dataclasses.replace(CONFIG, sampler="streaming_greedy")
    monkeypatch.setattr(draft, "settled", lambda *_: in_parts)
    run = fit_run(load_dataset(category), CONFIG, store).run
    assert run.config.sampler == "streaming_greedy"
    assert run.identity != draft_run(load_dataset(category), CONFIG).identity
    assert run.warnings.count(draft.IN_PARTS) == 1


@pytest.mark.parametrize(("changes", "error", "words"), [
    ({"backbone": "resnet_nope"}, ConfigError, "resnet_nope"),
    ({"layers": ("blocks.77",)}, ConfigError, "blocks.2"),
    ({"weights": "missing.pth"}, WeightsError, "missing.pth"),
    ({"weights": "other.pth"}, WeightsError, "another network"),
    ({"weights": "text.pth"}, WeightsError, "cannot be read"),
    ({"num_neighbors": 39}, ConfigError, "at most the 38 rows"),  # a tenth of 6 images of 8 x 8 patches
    ({"image_size": 8}, ConfigError, "at least 2 x 2 patches"),
    ({"patch_size": 50}, ConfigError, "at most the 8 x 8 cells"),
    ({"device": "cud"}, ConfigError, "cud"),
])  # fmt: skip
def test_what_cannot_work_is_refused_before_there_is_a_run(
    store, category, stand_in, tmp_path, monkeypatch, changes, error, words
):
    monkeypatch.chdir(tmp_path)
    torch.save({"conv.weight": torch.zeros(3)}, "other.pth")
    Path("text.pth").write_text("no weights")
    config = dataclasses.replace(CONFIG, **changes)
    with pytest.raises(error, match=words):
        fit_run(load_dataset(category), config, store)
    with pytest.raises(error, match=words):
        jobs.start(store, category, None, config)
    assert store.list() == ()
    assert stand_in.PatchCore.fits == 0


@pytest.mark.usefixtures("stand_in")
def test_as_many_neighbours_as_rows_are_not_refused(store, category):
    config = dataclasses.replace(CONFIG, num_neighbors=38)
    assert fit_run(load_dataset(category), config, store).run.status == "finished"


def test_identity_is_that_of_settings_and_content_not_of_place(category, tmp_path):
    copy = shutil.copytree(category, tmp_path / "elsewhere" / "tile")
    first, second = (draft_run(load_dataset(folder), CONFIG) for folder in (category, copy))
    assert first.identity == second.identity
    (copy / "test" / "good" / "000.png").unlink()
    assert draft_run(load_dataset(copy), CONFIG).identity != first.identity
    assert draft_run(load_dataset(category), dataclasses.replace(CONFIG, seed=1)).identity != first.identity


def test_a_weights_file_is_known_by_content_and_kept_by_absolute_path(category, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drafts = []
    for name, content in (("a.pth", b"1"), ("b.pth", b"1"), ("c.pth", b"2")):
        Path(name).write_bytes(content)
        drafts.append(draft_run(load_dataset(category), dataclasses.replace(CONFIG, weights=name)))
    assert drafts[0].config.weights == str(tmp_path / "a.pth")
    assert drafts[0].identity == drafts[1].identity != drafts[2].identity


@pytest.mark.usefixtures("stand_in")
def test_the_preset_is_what_is_recorded(store, category):
    config = PatchCoreConfig.preset("paper", image_size=64, center_crop=None)
    run = store.begin(draft_run(load_dataset(category), config)).run
    assert store.get(run.id).config == config

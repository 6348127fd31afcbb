"""The names that people script against (docs/design.md, section 4), and the short list of the package itself."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import patchcore_core
from tests.places import ROOT

LEADING = {
    "config.PatchCoreConfig.preset": "name, **changes",
    "data.dataset.load_dataset": "path",
    "data.images.read_image": "path",
    "data.images.read_mask": "paths, size",
    "model.patchcore.PatchCore": "config",
    "model.patchcore.PatchCore.fit": "self, samples, progress=None",
    "model.patchcore.PatchCore.predict": "self, samples",
    "model.patchcore.PatchCore.save": "self, folder",
    "model.patchcore.PatchCore.load": "folder",
    "model.embedding.patch_embeddings": "feature_maps, patch_size, pretrain_dim, target_dim",
    "model.coreset.greedy": "features, size, start=None",
    "model.coreset.approx_greedy": "features, size, start_points=None",
    "model.memory_bank.MemoryBank": "patches, origin=None",
    "model.memory_bank.MemoryBank.search": "self, queries, k=1",
    "model.scoring.anomaly_map": "patch_scores, size, sigma=4.0",
    "evaluation.metrics.image_auroc": "labels, scores",
    "evaluation.metrics.average_precision": "labels, scores",
    "evaluation.metrics.f1_max": "labels, scores",
    "evaluation.metrics.pixel_auroc": "masks, maps",
    "evaluation.metrics.aupro": "masks, maps, fpr_limit=0.3",
}


def find(name: str) -> object:
    """The object of this name below patchcore_core: a module of two parts, then attributes of it."""
    parts = name.split(".")
    length = 1 if parts[0] == "config" else 2
    found: object = importlib.import_module(".".join(["patchcore_core", *parts[:length]]))
    for part in parts[length:]:
        found = getattr(found, part)
    return found


def written(parameter: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.VAR_POSITIONAL: "*"}.get(parameter.kind, "")
    default = "" if parameter.default is inspect.Parameter.empty else f"={parameter.default!r}"
    return f"{stars}{parameter.name}{default}"


@pytest.mark.parametrize(("name", "leading"), LEADING.items(), ids=list(LEADING))
def test_the_names_people_script_against(name, leading):
    parameters = list(inspect.signature(find(name)).parameters.values())
    wanted = leading.split(", ")
    assert [written(parameter) for parameter in parameters[: len(wanted)]] == wanted
    for more in parameters[len(wanted) :]:
        assert more.default is not inspect.Parameter.empty, f"{more.name} would break existing scripts"


def test_the_package_names_what_it_gives():
    assert patchcore_core.__all__ == ["PatchCore", "PatchCoreConfig", "PatchCoreError", "RunStore", "load_dataset"]
    for name in patchcore_core.__all__:
        assert getattr(patchcore_core, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'PatchCor'"):
        patchcore_core.PatchCor  # noqa: B018


def test_the_package_loads_torch_only_for_the_model():
    script = (
        "import sys, patchcore_core\n"
        "for name in patchcore_core.__all__:\n"
        "    if name != 'PatchCore': getattr(patchcore_core, name)\n"
        "assert 'torch' not in sys.modules\n"
        "from patchcore_core import PatchCore\n"
        "assert 'torch' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patchcore_core.data.samples import Sample
from patchcore_core.errors import StoreError
from patchcore_core.model.about import BANK_FILE, method_of, read_about
from patchcore_core.model.methods import load_detector
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import PatchCore
from tests.model.conftest import TINY


def test_bank_json_names_the_method_and_one_from_before_is_of_patchcore(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    PatchCore(TINY, backbone).fit(photos).save(tmp_path)
    path = tmp_path / BANK_FILE
    about = json.loads(path.read_text())
    assert about.pop("method") == method_of(path) == "patchcore"
    now = read_about(path)
    path.write_text(json.dumps(about))
    before = read_about(path)
    assert method_of(path) == "patchcore"
    assert (before.config, before.training.paths) == (now.config, now.training.paths)


@pytest.mark.parametrize(("content", "words"), [
    ('{"method": "padim"}', "was written by the method 'padim', which this version does not know"),
    ('{"method": ""}', "was written by the method '', which this version does not know"),
    ('{"method": 3}', "the memory bank's description cannot be read .method must be"),
    ('{"method": null}', "the memory bank's description cannot be read .method must be"),
    ("[]", "the memory bank's description cannot be read"),
    ("{}", "the memory bank's description cannot be read .config is missing"),
])  # fmt: skip
def test_what_no_known_method_wrote_is_refused_with_the_file_and_the_cause(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / BANK_FILE).write_text(content)
    with pytest.raises(StoreError, match=rf"bank\.json: {words}"):
        load_detector(tmp_path, device="cpu")

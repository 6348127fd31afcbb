"""Stored rows are those of the model that was saved; what is wrong with a file is said with its name."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from patchcore_core.errors import StoreError
from patchcore_core.model.bank_rows import BankRows, read_banks, read_rows
from patchcore_core.model.patchcore import PatchCore
from tests.model.conftest import TINY
from tests.model.test_scales import TWO


@pytest.mark.parametrize("config", [TINY, TWO], ids=["one scale", "two"])
def test_the_rows_are_those_of_the_model(backbone, photos, tmp_path, config):
    model = PatchCore(config, backbone).fit(photos[:8])
    model.save(tmp_path / "bank")
    found = read_banks(tmp_path / "bank")
    assert found.training.paths == model.training.paths
    for rows, bank in zip(found.scales, model.banks, strict=True):
        np.testing.assert_array_equal(rows.patches, bank.patches)
        np.testing.assert_array_equal(rows.origin, bank.origin)
        counts = rows.per_image(8)
        assert counts.sum() == len(bank)
        assert counts.tolist() == [(bank.origin[:, 0] == image).sum() for image in range(8)]


def test_rows_without_an_origin_say_so():
    with pytest.raises(StoreError, match="does not record which training photos"):
        BankRows(np.zeros((2, 3), np.float16), None).per_image(4)


@pytest.mark.parametrize(
    ("arrays", "cause"),
    [
        ({"rows": np.zeros((2, 3))}, "'patches'"),
        ({"patches": np.zeros(3, np.float16)}, "no rows of finite numbers"),
        ({"patches": np.full((2, 3), np.nan, np.float32)}, "no rows of finite numbers"),
        ({"patches": np.zeros((2, 3), np.float16), "origin": np.zeros((1, 3), np.int32)}, "another length"),
    ],
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, arrays, cause):
    save_file(arrays, tmp_path / "rows")
    with pytest.raises(StoreError, match=f"rows: the memory bank cannot be read .*{cause}"):
        read_rows(tmp_path / "rows")

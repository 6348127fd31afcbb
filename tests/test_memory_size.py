"""Amounts of memory as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError
from patchcore_core.memory_size import GIB, gib_of


@pytest.mark.parametrize(("text", "count"), [
    ("2", 2 * GIB), ("0.5", GIB // 2), (".5", GIB // 2), ("2.", 2 * GIB), ("1e-3", GIB / 1000), ("+2", 2 * GIB),
    ("512MiB", 512 * 2**20), ("1.5GB", 1.5e9), ("2GiB", 2 * GIB), ("2 GiB", 2 * GIB), ("  2gib ", 2 * GIB),
    ("800000kB", 8e8), ("1048576KiB", GIB), ("0.25TB", 2.5e11), ("1TiB", 2**40), ("3000000000B", 3e9),
])  # fmt: skip
def test_what_is_written_is_that_many_bytes(text, count):
    assert gib_of(text) * GIB == pytest.approx(count)


@pytest.mark.parametrize("text", [
    "", "GiB", "2G", "2 Gi", "512 M", "1,5GB", "nan", "inf", "1_0", "2GiB2", "٢", "a" * 99,
])
def test_what_is_no_size_is_refused_with_what_is_one(text):
    with pytest.raises(ConfigError, match=r"^memory_limit must be a number of GiB, or one with a unit .* got "):
        gib_of(text)


@pytest.mark.parametrize("text", ["0", "-1", "0MiB", "-2GB", "1e999"])
def test_no_memory_and_endless_memory_are_refused(text):
    with pytest.raises(ConfigError, match="more than 0 GiB"):
        gib_of(text)


@given(st.floats(0.001, 1e6))
def test_a_plain_number_is_one_of_gib(number):
    assert gib_of(repr(number)) == number
    assert gib_of(f"{number!r}GiB") == number

"""The lowest versions that CI tests are those of the requirement files."""

from __future__ import annotations

import runpy

import pytest

from tests.places import ROOT

lowest = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))["lowest"]


def test_each_requirement_becomes_its_lowest_version():
    text = '-r other.txt\nnumpy>=2.3.0\n\n# a word\nstreamlit==1.67.0  # why\nfaiss-gpu>=1.9; sys_platform == "linux"\n'
    assert lowest(text) == ["numpy==2.3.0", "streamlit==1.67.0", 'faiss-gpu==1.9; sys_platform == "linux"']


@pytest.mark.parametrize("line", ["numpy", "numpy<3", "numpy>=2,<3", "numpy~=2.3"])
def test_a_requirement_without_a_lowest_version_is_refused(line):
    with pytest.raises(ValueError, match="expected name>=version"):
        lowest(line)


def test_every_requirement_has_one():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("-")]
        assert len(lowest("\n".join(lines))) == len(lines)
        assert all(line.split(";")[0].count(".") >= 2 for line in lines)  # 1.2 would leave out the lowest patch

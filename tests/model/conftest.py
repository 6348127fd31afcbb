"""A tiny deterministic backbone and tiny photos, so that the model's own arithmetic is tested in milliseconds."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.model.network.backbone import Backbone

TINY = PatchCoreConfig(
    backbone="tiny", layers=("0", "1"), image_size=32, coreset_ratio=0.25, projection_dim=None, device="cpu"
)


def tiny_network() -> torch.nn.Sequential:
    """Two strided convolutions with ReLU-free, seeded weights, then layers that must never run."""
    generator = torch.Generator().manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=4, padding=1), torch.nn.Conv2d(4, 6, 3, stride=2, padding=1), MustNotRun()
    )
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return network


class MustNotRun(torch.nn.Module):
    def forward(self, _values: torch.Tensor) -> torch.Tensor:
        raise AssertionError("ran deeper than the last layer asked for")


@pytest.fixture
def backbone() -> Backbone:
    return Backbone(tiny_network(), TINY.layers, name="tiny")


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Sample, ...]:
    """Twelve textured photos of different sizes."""
    random = np.random.default_rng(3)
    samples = []
    for i in range(12):
        path = tmp_path / f"{i:02}.png"
        Image.fromarray(random.integers(0, 255, (40 + i, 50, 3), dtype=np.uint8)).save(path)
        samples.append(Sample(path, "train", 0, "good"))
    return tuple(samples)

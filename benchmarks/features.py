"""Real features for the benchmarks that take files: `train.npy`, `bank.npy` and `queries.npy` in a folder.

`train` (N, D): all patches of the training images, in the bank's float16. `bank`: a coreset of the first
`--bank-images` of them in farthest-first order, so that its first rows are the coreset of every smaller ratio.
`queries` float32: the patches of `--queries` test images, spread over all.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.harness import material
from patchcore_core.data.dataset import Sample
from patchcore_core.model import coreset
from patchcore_core.model.batches import batches
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.patchcore import PatchCore

BATCH = 4


def main(arguments: list[str]) -> None:
    """Parse the options and write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks features", description=__doc__)
    material.add_dataset_options(parser)
    parser.set_defaults(ratio=0.1)
    parser.add_argument("--images", type=int, help="training images to use (default: all)")
    parser.add_argument("--bank-images", type=int, default=150, help="of them for the bank (default %(default)s)")
    parser.add_argument("--queries", type=int, default=40, help="test images (default %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    settings = material.as_json(options)
    data, model = material.dataset(settings), PatchCore(material.config(settings))
    options.out.mkdir(parents=True, exist_ok=True)
    train = np.concatenate([part.astype(np.float16) for part in embedded(model, data.train)])
    np.save(options.out / "train.npy", train)
    first = torch.from_numpy(train[: len(train) // len(data.train) * options.bank_images].astype(np.float32))
    picks = coreset.greedy(first, max(1, int(len(first) * options.ratio)), start=0)
    np.save(options.out / "bank.npy", train[picks])
    queries = np.concatenate(list(embedded(model, material.spread(data.test, options.queries))))
    np.save(options.out / "queries.npy", queries)
    print(f"{options.out}: {len(train):,} training patches, bank of {len(picks):,}")


def embedded(model: PatchCore, samples: Sequence[Sample]) -> Iterator[np.ndarray]:
    """(B * h * w, D) float32 of each batch."""
    config = model.config
    for batch in batches(samples, model.transform, BATCH):
        maps = model.backbone(torch.from_numpy(batch.images))
        with torch.inference_mode():
            patches = patch_embeddings(maps, config.patch_size, config.pretrain_dim, config.target_dim)
        yield patches.flatten(0, 2).numpy()

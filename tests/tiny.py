"""A data set of a few small photos, and a stand-in for the network that fits in no time or misbehaves as told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 64


def write_category(folder: Path, train: int = 6, good: int = 3, hole: int = 3, seed: int = 0) -> Path:
    """Photos in the MVTec AD layout: grey noise, defective ones with a bright square that their mask gives exactly."""
    rng = np.random.default_rng(seed)
    for place, count in (("train/good", train), ("test/good", good), ("test/hole", hole)):
        for number in range(count):
            photo = rng.normal(120, 8, (SIDE, SIDE, 3)).clip(0, 255).astype(np.uint8)
            if place == "test/hole":
                mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
                mask[20:36, 24 + number : 40 + number] = 255
                photo[mask > 0] = 235
                save(folder / "ground_truth" / "hole" / f"{number:03d}_mask.png", mask)
            save(folder / place / f"{number:03d}.png", photo)
    return folder


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


# Run by every Python started with its folder in PYTHONPATH: takes the place of the model room's main module.
STAND_IN = '''
import sys, types

def behave(progress):
    import os, signal, time
    how = os.environ.get("STAND_IN", "")
    if how in ("sleep", "deaf"):
        if how == "deaf":  # as deep inside a library that looks at no signal
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for step in range(10 ** 6):
            if progress: progress("features", step, 10 ** 6)
            time.sleep(0.02)
    if how == "slow":
        time.sleep(0.4)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "bug":
        raise RuntimeError("the stand-in was told to break")
    if how == "memory":
        raise MemoryError()
    if how == "interrupt":
        raise KeyboardInterrupt

class PatchCore:
    fits = 0

    def __init__(self, config, shared=None):
        import numpy as np
        from patchcore_core.data.transforms import Transform
        from patchcore_core.model.detector import ModelSize
        self.config, self.weights_sha256, self.size = config, "stand-in", ModelSize(5, 3, 60)
        self.transform = Transform(config.image_size, config.center_crop, (0.5,) * 3, (0.2,) * 3)

    def fit(self, samples, progress=None, scratch=None):
        import numpy as np
        from patchcore_core.model.budget import Plan
        PatchCore.fits += 1
        behave(progress)
        from patchcore_core.data.files.content import content_keys
        from patchcore_core.data.near_copies import NearCopies
        from patchcore_core.model.detector import FitReport, TrainingSet
        self.training = TrainingSet(tuple(str(sample.path) for sample in samples),
                                    content_keys(sample.path for sample in samples))
        held_out = types.SimpleNamespace(
            images=np.arange(len(samples)), groups=np.arange(len(samples)),
            image_scores=np.linspace(0, 1, len(samples), dtype=np.float32),
            patch_scores=np.full((len(samples), *self.transform.shape), 0.5, np.float32),
            odd=np.empty(0, int), odd_scores=np.empty(0, np.float32),
            odd_patch_scores=np.empty((0, *self.transform.shape), np.float32),
        )
        self.report = FitReport(copies=NearCopies(np.arange(len(samples))), held_out=held_out,
                                seconds={"features": 0.1, "coreset": 0.1}, plan=Plan(False, 1, 10**9, 0),
                                program_bytes=9 * 10**8)
        return self

    def score(self, samples, progress=None):
        import numpy as np
        from patchcore_core.data.files.content import content_keys
        from patchcore_core.data.images import read_image
        read, unreadable, maps = [], [], []
        for sample in samples:
            try:
                maps.append(np.abs(self.transform.image(read_image(sample.path)).mean(0)))
                read.append(sample)
            except Exception as error:
                unreadable.append((str(sample.path), str(error)))
        maps = np.array(maps, np.float32).reshape(-1, *self.transform.shape)
        return types.SimpleNamespace(samples=tuple(read), image_scores=maps.max((1, 2), initial=0), patch_scores=maps,
                                     pictures=np.zeros((len(read), 4096)), unreadable=tuple(unreadable),
                                     contents=content_keys(sample.path for sample in read), notes=(), row_use=(),
                                     shortened=False)

    def anomaly_maps(self, patch_scores):
        return patch_scores  # as fine as the maps

    def save(self, folder):
        folder.mkdir()
        (folder / "patches.safetensors").write_bytes(b"0" * 60)
        (folder / "bank.json").write_text("{}")

module = types.ModuleType("patchcore_core.model.patchcore")
module.PatchCore = PatchCore
sys.modules[module.__name__] = module
'''


def write_stand_in(folder: Path) -> Path:
    """A folder for PYTHONPATH that puts the stand-in in place of the network."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(STAND_IN)
    return folder


def save_grey(path: Path) -> Path:
    """A small grey photo."""
    return save(path, np.full((8, 8, 3), 120, np.uint8))

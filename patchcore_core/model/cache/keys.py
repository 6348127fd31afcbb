"""What feature maps depend on to the bit, beside the photo: network, weights, libraries and processor."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

VERSION = 1  # raised by a change of code that changes the bits of maps, or of what is kept beside them
PACKAGES = ("torch", "torchvision", "timm", "openvino", "numpy", "pillow", "pi-heif", "pillow-heif")
SWITCHES = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_CBWR", "ATEN_CPU_CAPABILITY")


def key_of(*parts: Any) -> str:
    """A name for what these JSON values determine, hexadecimal."""
    return hashlib.sha256(json.dumps([VERSION, *parts]).encode()).hexdigest()[:40]


@cache
def computer(device: str) -> tuple[str, ...]:
    """Libraries, processor and device: what decides how a sum is rounded."""
    versions = []
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{name} {metadata.version(name)}")
    switches = [f"{name}={os.environ[name]}" for name in SWITCHES if name in os.environ]
    place = torch.cuda.get_device_name(device) if device.startswith("cuda") else device
    return *versions, *switches, platform.machine(), torch.backends.cpu.get_cpu_capability(), _processor(), place


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()

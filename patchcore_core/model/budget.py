"""The memory plan of a fit: what stays in memory, what goes to files, what is refused.

If everything fits, it stays in memory. Else the training features and the coreset's codes are in files (scratch.py),
and only a few bytes per patch and bank row are in memory. If not even that fits, the coreset is selected in parts
(`streaming_greedy`); if that does not fit either, the fit is refused with the lowest possible limit.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.memory import free_memory
from patchcore_core.errors import ConfigError
from patchcore_core.model.network.probe import PatchShape
from patchcore_core.model.network.weights import BUNDLED

GIB = 2**30
SHARE = 0.5  # fraction of the free memory, without a limit
SLACK = GIB // 2  # tolerance above the limit: the libraries alone take more than small limits
PROGRAM_BYTES = 920_000_000  # Python, torch with CUDA, a bundled network: measured
LIBRARY_BYTES = 200_000_000  # more where timm or torchvision has to be loaded
PIXEL_BYTES = 600  # of a network's activations for each pixel of a batch, measured on efficientnet_lite0
WINDOW_BYTES = 160 * 2**20  # parts of the files that are in memory at a time, and blocks of work
STATE_BYTES = 32  # of a patch during selection, beside its codes
PICK_BYTES = 20  # of a bank row during selection, beside its codes and itself
SKETCH_BYTES = 270  # of a bank row for the search
HELD_OUT = 400  # training images with leave-one-out scores
MAPS = 40  # of them that have all their patches scored: at 10 their 99.9th percentile is 5.5 % uncertain, at 40 4.1 %
MAP_COST = 3.0  # cost relative to finding the highest patch only
HIGHEST_OF_MAP_COST = 2.0  # the same for finding the maximum of the map only
BATCH_PIXELS = 4 * 320**2  # of the images that go through a network together on a CPU
FLOAT = 4  # bytes
GREEDY = ("greedy", "approx_greedy", "streaming_greedy")


@dataclass(frozen=True)
class Plan:
    """`in_file`: features and codes are in files. `parts` of the coreset selection; more than one: streaming_greedy.

    `memory_bytes` is the expected peak of the process, `disk_bytes` the size of the files while it runs.
    """

    in_file: bool
    parts: int
    memory_bytes: int
    disk_bytes: int


@dataclass(frozen=True)
class Need:
    """Bytes for selecting a coreset. `rows` of the bank; `large` may be in files, the rest may not."""

    rows: int
    large: int
    state: int
    bank: int


def plan(config: PatchCoreConfig, images: int, shape: PatchShape, program_bytes: int, free_bytes: int) -> Plan:
    """The plan for fitting this many images.

    `program_bytes`: memory of the process beside the fit's data, see `program`; `free_bytes`: free memory beside that.
    ConfigError, with the lowest possible limit, if the configuration's limit is too small; also if the bank would have
    fewer rows than neighbours. Without a limit a fit is never refused.
    """
    limited = config.memory_limit is not None
    limit = round(config.memory_limit * GIB) if config.memory_limit else program_bytes + round(SHARE * free_bytes)
    most = limit + SLACK if limited else program_bytes + free_bytes
    scales = tuple(images * patches for patches in shape.at_scales)
    parts = _parts(sum(scales), rows_of_banks(config, scales)) if config.sampler == "streaming_greedy" else 1
    need = _need(config, scales, shape.dim, parts)
    least = program_bytes + need.state + need.bank
    if least + need.large <= limit:
        return Plan(False, parts, least + need.large, 0)
    if config.sampler == "kmeans":  # FAISS reads them in memory
        least += need.large
        if limited and least > most:
            raise _too_small(config, least - SLACK, "k-means needs all features in memory")
        return Plan(False, parts, least, 0)
    if least + WINDOW_BYTES > most and config.sampler in ("greedy", "approx_greedy"):
        parts = _parts(sum(scales), need.rows)
        need = _need(config, scales, shape.dim, parts)
    memory = program_bytes + need.state + need.bank + WINDOW_BYTES
    if limited and memory > most:
        raise _too_small(config, memory - SLACK, f"the libraries and the network take "
                         f"{program_bytes / GIB:.2f} GiB, the memory bank {need.bank / GIB:.2f} GiB")
    return Plan(True, parts, memory, need.large)


def settled(config: PatchCoreConfig, images: int, shape: PatchShape) -> PatchCoreConfig:
    """The configuration to fit: with sampler `streaming_greedy` if memory is too small for the chosen one."""
    needed = program(config, size=shape.size)
    parts = plan(config, images, shape, needed, max(0, free_memory() - needed)).parts
    return config if parts == 1 else dataclasses.replace(config, sampler="streaming_greedy")


def bank_rows(config: PatchCoreConfig, patches: int) -> int:
    """Number of rows that the sampler keeps of this many patches, at least one; ConfigError if num_neighbors is larger.
    """
    rows = patches if config.sampler == "identity" else min(patches, max(1, int(patches * config.coreset_ratio)))
    if config.num_neighbors > rows:
        raise ConfigError(f"num_neighbors must be at most the {rows} rows that the memory bank will have, "
                          f"got {config.num_neighbors}; raise coreset_ratio")
    return rows


def rows_of_banks(config: PatchCoreConfig, scales: Sequence[int]) -> int:
    """Total rows of all memory banks, given the patches at each scale."""
    return sum(bank_rows(config, patches) for patches in scales)


def batch_size(config: PatchCoreConfig, device: str) -> int:
    """Images per forward pass; one on a CPU, where it is about as fast and takes the least memory."""
    if device.startswith("cuda"):
        return 32
    return 1 if config.memory_limit else min(4, max(1, BATCH_PIXELS // max(config.sizes) ** 2))


def program(config: PatchCoreConfig, size: tuple[int, int] | None = None) -> int:
    """Memory of a fit beside its data: what is resident once the network is loaded, plus its activations for an input
    of `size` (height, width), None: the configuration's square. Of several scales, the largest."""
    resident_bytes = PROGRAM_BYTES + (0 if config.backbone in BUNDLED else LIBRARY_BYTES)
    pixels = math.prod(size) if size and not config.scales else max(config.sizes) ** 2
    return resident_bytes + PIXEL_BYTES * batch_size(config, "cpu") * pixels


def _parts(patches: int, rows: int) -> int:
    """The number of parts with which a part is about as large as the union of all picks."""
    return max(2, round(math.sqrt(patches / rows)))


def _need(config: PatchCoreConfig, scales: Sequence[int], dim: int, parts: int) -> Need:
    """For the patches at each scale, whose coresets are selected one after another."""
    rows, patches = rows_of_banks(config, scales), sum(scales)
    value = FLOAT if config.bank_dtype == "float32" else FLOAT // 2
    features = patches * dim * value
    bank = rows * (dim * value + SKETCH_BYTES)
    if config.sampler == "identity":
        return Need(rows, features, 0, bank)
    if config.sampler not in GREEDY:
        return Need(rows, features + (FLOAT * patches * dim if config.sampler == "kmeans" else 0), 8 * patches, bank)
    selected = min(config.projection_dim or dim, dim)
    projected = FLOAT * selected if selected < dim else 0
    itself = projected or dim * value
    most, picks = max(scales), bank_rows(config, max(scales))
    most = most if parts == 1 else max(-(-most // parts), parts * picks)
    return Need(rows, features + patches * (projected + selected),
                most * STATE_BYTES + picks * (selected + itself + PICK_BYTES), bank)  # fmt: skip


def _too_small(config: PatchCoreConfig, least: int, reason: str) -> ConfigError:
    least_gib = math.ceil(100 * least / GIB) / 100
    return ConfigError(
        f"memory_limit must be at least {least_gib:.2f} GiB for this fit, got {config.memory_limit:g}: {reason}"
    )

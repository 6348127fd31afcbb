"""Int8 sketches of rows, and their products; for the bound and the notation see `exact/__init__.py`."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.scratch import Scratch, ScratchArray
from patchcore_core.model.exact.resident import Resident, as_tensor

ROUNDOFF = 2.0**-24  # v
SAMPLE = 4096  # the centre is the mean of about so many rows
BLOCK_VALUES = 2**17  # values quantised at a time, so that they fit into the cache

Product = Callable[[Tensor, Tensor], Tensor]
Values = TypeVar("Values", np.ndarray, Tensor)


@dataclass(frozen=True)
class Sketch:
    """Rows as codes (n, D'), D' = D rounded up to a multiple of 8; numbers (3, n) float32: scale, norm, error.

    Codes are int8, or the rows themselves in float32.
    """

    codes: Tensor
    numbers: Tensor
    enlarge: float  # g / unit: distance -> enlarged beta
    stored: ScratchArray | None = None  # the array that `codes` are a view of, if it is in a file

    @classmethod
    def empty(
        cls, count: int, dim: int, enlarge: float, device: torch.device, scratch: Scratch | None = None,
        dtype: torch.dtype = torch.int8,
    ) -> Sketch:  # fmt: skip
        """`count` empty places, excluded from every pair by an infinite norm. With `scratch` codes are int8."""
        shape = (count, -(-dim // 8) * 8)
        stored = None if scratch is None else scratch.array(shape, np.int8)
        codes = torch.zeros(shape, dtype=dtype, device=device) if stored is None else as_tensor(stored.values)
        numbers = torch.zeros(3, count, device=device)
        numbers[1] = math.inf
        return cls(codes, numbers, enlarge, stored)

    def put(self, first: int, codes: Tensor, numbers: Tensor) -> None:
        """Set the codes (n, D') and numbers (3, n) of the rows from `first` on."""
        if self.stored is None:
            self.codes[first : first + len(codes)] = codes
        else:
            self.stored.write(first, codes.numpy())
        self.numbers[:, first : first + len(codes)] = numbers


def margin(dim: int) -> float:
    """g: the factor that covers the rounding of sketches of `dim` dimensions."""
    return 1 + (64 + 2 * dim) * ROUNDOFF


def unit_of(largest: float, dim: int) -> float:
    """A power of two: |u| <= 1 for rows of `dim` numbers up to `largest`, and a centre among them."""
    length = 2.1 * largest * math.sqrt(dim)  # of |x - c| at most
    return 2.0 ** math.ceil(math.log2(length)) if length > 0 else 1.0


def norm_and_error(norm: Values, lost: Values, length: Values, g: float, rounding: float = 8) -> tuple[Values, Values]:
    """The norm and error to store, each (n,), for norm n, lost |z - s q| and length |u|; `rounding` in v."""
    return norm * (2 - g) - 2.0**-118, (lost + rounding * ROUNDOFF * length + 2.0**-60) * g


def sketch(rows: Tensor, resident: Resident) -> Sketch:
    """The sketches of finite floating-point `rows` (N, D): D' + 12 bytes for each, the codes in scratch if any."""
    count, dim = rows.shape
    largest = max(float(value.abs()) for _, block in resident.blocks(rows) for value in block.aminmax())
    unit, g = unit_of(largest, dim), margin(dim)
    wide = torch.float32 if rows.dtype == torch.float16 else rows.dtype
    sample = resident.take(rows, torch.arange(0, count, max(1, count // SAMPLE), device=rows.device))
    centre = sample.mean(dim=0, dtype=torch.float64).to(wide) / unit
    result = Sketch.empty(count, dim, g / unit, rows.device, resident.scratch)
    step = max(1, BLOCK_VALUES // dim)
    for start, block in resident.blocks(rows):
        for first in range(0, len(block), step):
            u = (block[first : first + step].to(wide) / unit - centre).float()  # (n, D)
            result.put(start + first, *_quantised(u, result.codes.shape[1], g))
    return result


def _quantised(u: Tensor, width: int, g: float) -> tuple[Tensor, Tensor]:
    """Codes (n, width) and numbers (3, n) of u (n, D).

    In torch, for GPUs, rows in files and float64. Searches on the CPU use `search_kernels.quantise` instead: with this
    function they took 1.06 to 1.30 times the CPU time (7,840 queries of 64 to 1,024 dimensions against 1,176 and 11,760
    rows, one thread, medians of nine turns).
    """
    scale = (u.abs().amax(dim=1, keepdim=True) / 127).clamp_(min=2.0**-100)
    codes = (u / scale).round_().clamp_(-127, 127)
    norm = codes.square().sum(dim=1) * scale[:, 0].square()
    lost = torch.addcmul(u, codes, scale, value=-1).square_().sum(dim=1).sqrt_()
    whole = u.square_().sum(dim=1).sqrt_()
    norm, error = norm_and_error(norm, lost, whole, g)
    padded = torch.nn.functional.pad(codes.to(torch.int8), (0, width - codes.shape[1]))
    return padded, torch.stack([scale[:, 0], norm, error])


def fastest_product(dim: int, device: torch.device) -> Product:
    """The product (n, dim) x (m, dim) -> (n, m) of int8 matrices to use here: exact, int32 or a float type.

    Int8 instructions, unless this processor has none or saturates sums of 16 bits on the way (x86 without VNNI),
    else float32, or float64 where float32 cannot hold the sums.
    """
    codes = torch.full((64, dim), 127, dtype=torch.int8, device=device)
    codes[::2] = -127
    wide = torch.float32 if dim * 127**2 < 2**24 else torch.float64

    def float_product(x: Tensor, y: Tensor) -> Tensor:
        return x.to(wide) @ y.to(wide).T

    def int8_product(x: Tensor, y: Tensor) -> Tensor:
        if device.type != "cuda":
            return torch._int_mm(x, y.T)
        spare = max(0, 32 - len(x))  # CUDA takes no fewer than 17 rows
        return torch._int_mm(torch.nn.functional.pad(x, (0, 0, 0, spare)), y.T)[: len(x)]

    x86 = platform.machine() in ("x86_64", "AMD64") and torch.backends.mkldnn.is_available()
    if device.type == "cpu" and not x86:
        return float_product
    try:
        right = torch.equal(int8_product(codes, codes).double(), float_product(codes, codes).double())
    except (AttributeError, RuntimeError):
        right = False
    return int8_product if right else float_product

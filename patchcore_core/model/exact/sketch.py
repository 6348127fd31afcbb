"""Int8 sketches of rows: which pairs can be closer than a known distance, at a tenth of the price of the distance.

Row x becomes u = (x - c) / unit (c any centre, `unit` a power of two such that all |u| <= 1) and then s q, where
q = round(u / s) lies in [-127, 127] and s = max |u_i| / 127 belongs to the row. `error` is at least |u - s q|.

The bound. Given rows x, y and a distance b, let beta = b / unit. If |x - y| < b, then by the triangle inequality
|s_x q_x - s_y q_y| < tau := beta + error_x + error_y, that is

    s_x^2 |q_x|^2 + s_y^2 |q_y|^2 - 2 s_x s_y (q_x . q_y) < tau^2.                                      (*)

A pair that violates (*) is at least b apart. (*) is evaluated in float32, with unit roundoff v = 2^-24, from the
exact integer product q_x . q_y. With n = s^2 |q|^2 and 2 s_x s_y |q_x . q_y| <= n_x + n_y, the left side comes out
wrong by at most 16 v (n_x + n_y) and underflows below 2^-120, the right side by at most 8 v tau^2. So `norm` is
stored as n (2 - g) - 2^-118, and `error` and beta are enlarged by g = 1 + (64 + 2 D) v: what the computed (*)
excludes, the exact one excludes. D in g covers that |q|^2 and |u - s q| are sums of D float32 terms. Before that,
`error` is |u' - s q| + 8 v |u'| + 2^-60 for u' = u rounded to float32; float16 rows are widened first, which is
exact. The float64 distances that b is compared with are accurate to (D + 2) 2^-53, far inside g.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.scratch import Scratch, ScratchArray
from patchcore_core.model.exact.resident import Resident, as_tensor

ROUNDOFF = 2.0**-24  # v
SAMPLE = 4096  # the centre is the mean of about so many rows
BLOCK_VALUES = 2**17  # values quantised at a time: they stay in the cache

Product = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Sketch:
    """Rows as int8 codes (n, D'), D' = D rounded up to a multiple of 8; numbers (3, n) float32: scale, norm, error."""

    codes: Tensor
    numbers: Tensor
    enlarge: float  # g / unit: distance -> enlarged beta
    stored: ScratchArray | None = None  # what `codes` are a view of, where they lie in a file

    @classmethod
    def empty(
        cls, count: int, dim: int, enlarge: float, device: torch.device, scratch: Scratch | None = None
    ) -> Sketch:
        """`count` rows that are close to nothing: their norm is infinite."""
        shape = (count, -(-dim // 8) * 8)
        stored = None if scratch is None else scratch.array(shape, np.int8)
        codes = torch.zeros(shape, dtype=torch.int8, device=device) if stored is None else as_tensor(stored.values)
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


def sketch(rows: Tensor, resident: Resident) -> Sketch:
    """The sketches of finite floating-point `rows` (N, D): D' + 12 bytes for each, the codes in scratch if any."""
    count, dim = rows.shape
    largest = max(float(value.abs()) for _, block in resident.blocks(rows) for value in block.aminmax())
    length = 2.1 * largest * math.sqrt(dim)  # of |x - c| at most
    unit = 2.0 ** math.ceil(math.log2(length)) if length > 0 else 1.0
    wide = torch.float32 if rows.dtype == torch.float16 else rows.dtype
    sample = resident.take(rows, torch.arange(0, count, max(1, count // SAMPLE), device=rows.device))
    centre = sample.mean(dim=0, dtype=torch.float64).to(wide) / unit
    margin = 1 + (64 + 2 * dim) * ROUNDOFF  # g
    result = Sketch.empty(count, dim, margin / unit, rows.device, resident.scratch)
    step = max(1, BLOCK_VALUES // dim)
    for start, block in resident.blocks(rows):
        for first in range(0, len(block), step):
            u = (block[first : first + step].to(wide) / unit - centre).float()  # (n, D)
            result.put(start + first, *_quantised(u, result.codes.shape[1], margin))
    return result


def _quantised(u: Tensor, width: int, margin: float) -> tuple[Tensor, Tensor]:
    """Codes (n, width) and numbers (3, n) of u (n, D)."""
    scale = (u.abs().amax(dim=1, keepdim=True) / 127).clamp_(min=2.0**-100)
    codes = (u / scale).round_().clamp_(-127, 127)
    norm = codes.square().sum(dim=1) * scale[:, 0].square() * (2 - margin) - 2.0**-118
    lost = torch.addcmul(u, codes, scale, value=-1).square_().sum(dim=1).sqrt_()
    whole = u.square_().sum(dim=1).sqrt_()
    error = (lost + 8 * ROUNDOFF * whole + 2.0**-60) * margin
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
        spare = max(0, 32 - len(x)) if device.type == "cuda" else 0  # CUDA takes no fewer than 17 rows
        return torch._int_mm(torch.nn.functional.pad(x, (0, 0, 0, spare)), y.T)[: len(x)]

    x86 = platform.machine() in ("x86_64", "AMD64") and torch.backends.mkldnn.is_available()
    if device.type == "cpu" and not x86:
        return float_product
    try:
        right = torch.equal(int8_product(codes, codes).double(), float_product(codes, codes).double())
    except (AttributeError, RuntimeError):
        right = False
    return int8_product if right else float_product

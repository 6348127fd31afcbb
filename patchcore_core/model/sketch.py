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
`error` is |u' - s q| + 8 v |u'| + 2^-60 for u' = u rounded to float32. The float64 distances that b is compared
with are accurate to (D + 2) 2^-53, far inside g.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

ROUNDOFF = 2.0**-24  # v
SAMPLE = 4096  # the centre is the mean of about so many rows
BLOCK_VALUES = 2**17  # values quantised at a time: they stay in the cache

Product = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Sketch:
    """Rows as int8 codes (n, D'), D' = D rounded up to a multiple of 8, with `scale`, `norm`, `error` (n,) float32."""

    codes: Tensor
    scale: Tensor
    norm: Tensor
    error: Tensor
    enlarge: float  # g / unit: distance -> enlarged beta

    @classmethod
    def empty(cls, count: int, dim: int, enlarge: float, device: torch.device) -> Sketch:
        """`count` rows that are close to nothing: their norm is infinite."""
        codes = torch.zeros(count, -(-dim // 8) * 8, dtype=torch.int8, device=device)
        numbers = torch.zeros(3, count, device=device)
        numbers[1] = math.inf
        return cls(codes, numbers[0], numbers[1], numbers[2], enlarge)

    def put(self, first: int, other: Sketch, indices: Tensor) -> None:
        """Copy rows of another sketch to `first` and after."""
        part = slice(first, first + len(indices))
        for own, source in zip(self.tensors(), other.tensors(), strict=True):
            own[part] = source[indices]

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """codes, scale, norm, error."""
        return self.codes, self.scale, self.norm, self.error


def sketch(rows: Tensor) -> Sketch:
    """The sketches of finite floating-point `rows` (N, D): D' + 12 bytes for each."""
    count, dim = rows.shape
    low, high = (float(value) for value in rows.aminmax())
    largest = 2.1 * max(abs(low), abs(high)) * math.sqrt(dim)  # of |x - c|
    unit = 2.0 ** math.ceil(math.log2(largest)) if largest > 0 else 1.0
    centre = rows[:: max(1, count // SAMPLE)].mean(dim=0, dtype=torch.float64).to(rows.dtype) / unit
    margin = 1 + (64 + 2 * dim) * ROUNDOFF  # g
    result = Sketch.empty(count, dim, margin / unit, rows.device)
    step = max(1, BLOCK_VALUES // dim)
    for first in range(0, count, step):
        part = slice(first, first + step)
        u = (rows[part] / unit - centre).float()  # (n, D)
        scale = (u.abs().amax(dim=1, keepdim=True) / 127).clamp_(min=2.0**-100)
        codes = (u / scale).round_().clamp_(-127, 127)
        result.codes[part, :dim] = codes
        result.scale[part] = scale[:, 0]
        result.norm[part] = codes.square().sum(dim=1) * scale[:, 0].square() * (2 - margin) - 2.0**-118
        lost = torch.addcmul(u, codes, scale, value=-1).square_().sum(dim=1).sqrt_()
        whole = u.square_().sum(dim=1).sqrt_()
        result.error[part] = (lost + 8 * ROUNDOFF * whole + 2.0**-60) * margin
    return result


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

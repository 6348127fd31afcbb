"""The compiled squared distance of two vectors, for coreset and search alike.

Float64, from differences, and summed in the order of `numpy.sum` (eight running sums over at most 128 terms, halves
above that): it equals numpy's `((x - y) ** 2).sum()` to the last bit, so rows that are equal tie exactly.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from patchcore_core.model.exact.compiled import compiled
from patchcore_core.model.exact.halves import value, widen


@intrinsic
def _sum_by_eights(_context, x, y, count):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """sum((x - y)^2) over the first `count` (a multiple of 8) values, in eight running sums.

    As vectors, because the compiler does not find them by itself: five times faster than the same loop in Python.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        eight = ir.VectorType(ir.DoubleType(), 8)

        def load(position, index):  # type: ignore[no-untyped-def]
            kind = signature.args[position]
            array = context.make_array(kind)(context, builder, args[position])
            element = context.get_data_type(kind.dtype)
            pointer = builder.bitcast(builder.gep(array.data, [index]), ir.VectorType(element, 8).as_pointer())
            values = builder.load(pointer, align=kind.dtype.bitwidth // 8)
            if kind.dtype == types.uint16:
                values = widen(builder, values, 8)
            return values if kind.dtype == types.float64 else builder.fpext(values, eight)

        total = cgutils.alloca_once_value(builder, ir.Constant(eight, [0.0] * 8))
        zero, step = ir.Constant(args[2].type, 0), ir.Constant(args[2].type, 8)
        with cgutils.for_range_slice(builder, zero, args[2], step, intp=args[2].type) as (index, _):
            difference = builder.fsub(load(0, index), load(1, index))
            builder.store(builder.fadd(builder.load(total), builder.fmul(difference, difference)), total)
        sums = builder.load(total)
        parts = [builder.extract_element(sums, ir.Constant(ir.IntType(32), lane)) for lane in range(8)]
        while len(parts) > 1:  # ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
            parts = [builder.fadd(parts[i], parts[i + 1]) for i in range(0, len(parts), 2)]
        return parts[0]

    return types.float64(x, y, types.intp), generate


@compiled()
def squared_distance(x, y):  # type: ignore[no-untyped-def]
    """Between vectors x and y (D,), contiguous: float64, float32, or float16 as bit patterns (halves.py)."""
    count = len(x)
    if count > 128:
        half = count // 2
        half -= half % 8
        return squared_distance(x[:half], y[:half]) + squared_distance(x[half:], y[half:])
    whole = count - count % 8
    total = _sum_by_eights(x, y, whole)  # type: ignore[call-arg, var-annotated]
    for i in range(whole, count):
        difference = np.float64(value(x[i])) - np.float64(value(y[i]))
        total += difference * difference
    return total

"""Float16 in compiled code: numba has no such type, so values are passed as uint16 bits and widened when read."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def widen(builder: ir.IRBuilder, bits: ir.Value, lanes: int = 1) -> ir.Value:
    """The float32 of finite float16 bit patterns: exponent and mantissa moved into place, times 2^112; exact.

    `bits` is an i16 or, with `lanes` above 1, a vector of so many.
    """

    def kind(single: ir.Type) -> ir.Type:
        return single if lanes == 1 else ir.VectorType(single, lanes)

    def constant(single: ir.Type, value: float) -> ir.Constant:
        return ir.Constant(kind(single), value if lanes == 1 else [value] * lanes)

    wide = ir.IntType(32)
    pattern = builder.zext(bits, kind(wide))
    sign = builder.shl(builder.and_(pattern, constant(wide, 0x8000)), constant(wide, 16))
    rest = builder.shl(builder.and_(pattern, constant(wide, 0x7FFF)), constant(wide, 13))
    single = builder.bitcast(builder.or_(sign, rest), kind(ir.FloatType()))
    return builder.fmul(single, constant(ir.FloatType(), 2.0**112))


@intrinsic
def _half(context, bits):  # type: ignore[no-untyped-def]  # noqa: ARG001
    def build(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return widen(builder, arguments[0])

    return types.float32(types.uint16), build


def value(stored):  # type: ignore[no-untyped-def]
    """A stored number: float16 bits as float32, others as they are."""
    return stored


@overload(value, inline="always")
def _value_compiled(stored):  # type: ignore[no-untyped-def]
    return (lambda stored: _half(stored)) if stored == types.uint16 else (lambda stored: stored)  # type: ignore[call-arg]

"""The inner loop of counting float32 scores, in machine code: sorted by radix, then merged with the bins' edges.

A key is a float32's bit pattern turned into a uint32 of the same order; 0.0 and -0.0 have one key.
"""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled

DIGIT = 11  # bits sorted by at a time: three passes, and tables that stay in the first-level cache
SIZE = 1 << DIGIT


@compiled()
def _key(bits):  # type: ignore[no-untyped-def]
    """The key of one bit pattern."""
    if bits == np.uint32(0x80000000):  # -0.0
        return np.uint32(0x80000000)
    return np.uint32(~bits) if bits >> np.uint32(31) else np.uint32(bits | np.uint32(0x80000000))


@compiled()
def keys(bits):  # type: ignore[no-untyped-def]
    """Keys (n,) of the bit patterns (n,) of float32 values."""
    result = np.empty(len(bits), np.uint32)
    for i in range(len(bits)):
        result[i] = _key(bits[i])
    return result


@compiled()
def add_counts_below(bits, edges, below):  # type: ignore[no-untyped-def]
    """Add to below (K,) int64 how many of the values with the given bits (n,) lie below each edge, keys (K,) ascending.

    False, and nothing added, where a value is NaN or infinite.
    """
    count, exponent = len(bits), np.uint32(0x7F800000)
    first, second = np.empty(count, np.uint32), np.empty(count, np.uint32)
    places = np.zeros((3, SIZE), np.int64)
    for i in range(count):
        if bits[i] & exponent == exponent:
            return False
        key = _key(bits[i])
        first[i] = key
        for digit in range(3):
            places[digit, (key >> np.uint32(DIGIT * digit)) & np.uint32(SIZE - 1)] += 1
    for digit in range(3):
        total = 0
        for value in range(SIZE):
            here = places[digit, value]
            places[digit, value] = total
            total += here
        for i in range(count):
            value = (first[i] >> np.uint32(DIGIT * digit)) & np.uint32(SIZE - 1)
            second[places[digit, value]] = first[i]
            places[digit, value] += 1
        first, second = second, first
    at = 0
    for k in range(len(edges)):
        while at < count and first[at] < edges[k]:
            at += 1
        below[k] += at
    return True

"""Kernels for counting float32 scores: radix sort, then a merge with the edges of the bins.

A key is the bit pattern of a float32 mapped to a uint32 of the same order; 0.0 and -0.0 have the same key.
"""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled

DIGIT = 11  # radix: three passes, tables fit into the L1 cache
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
    """Add to below (K,) int64 the number of values, by bits (n,), below each edge, keys (K,) ascending.

    Returns False and adds nothing if a value is NaN or infinite.
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


@compiled()
def add_counts(bits, places, counts):  # type: ignore[no-untyped-def]
    """Add to counts (K,) the number of values, by bits (n,) of float16, whose place among `places` (65536,) each is."""
    for i in range(len(bits)):
        counts[places[bits[i]]] += 1


@compiled()
def add_counts_of_kinds(bits, kinds, places, counts):  # type: ignore[no-untyped-def]
    """The same by kind (n,), counts (kinds, K)."""
    for i in range(len(bits)):
        counts[kinds[i], places[bits[i]]] += 1

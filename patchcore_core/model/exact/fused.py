"""A fused kernel of the coreset: int8 products in registers, the bound (*) on them, and the remaining distances.

For processors with the 512-bit instruction vpdpbusd (AVX-512 VNNI); others use native.py or eager.py. It multiplies
four unsigned by four signed bytes and accumulates in 32 bits, exactly. Pick codes are therefore stored as q + 128; as
sum (q_y + 128) q_x = q_x . q_y + 128 sum q_x, accumulators start at -128 sum q_x. All are below 2^31 for D' < 2^15.
"""

from __future__ import annotations

import platform

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from patchcore_core.model.exact.compiled import compiled
from patchcore_core.model.exact.distance import squared_distance

ROWS, PICKS = 6, 64  # of a tile: 24 registers of accumulators
BLOCK = 512  # picks packed at a time, so that they fit into the cache
MOST = 2**15  # D' up to which the sums are exact
WORD, INDEX = ir.IntType(32), ir.IntType(64)
WORDS, FLOATS = ir.VectorType(WORD, 16), ir.VectorType(ir.FloatType(), 16)


def available(width: int) -> bool:
    """Whether this processor can run the kernel on codes of `width` bytes."""
    if platform.machine() not in ("x86_64", "AMD64") or width >= MOST:
        return False
    features = llvmlite.binding.get_host_cpu_features()
    return bool(features.get("avx512vnni") and features.get("avx512f"))


@intrinsic
def _tile(_context, codes, places, packed, starts, ours, theirs, dots, hits):  # type: ignore[no-untyped-def]
    """dots (ROWS, PICKS) = products of codes[places] (n, D') int8 with packed (D' / 4, PICKS), four codes + 128 each.

    `starts` (ROWS,): initial values of the accumulators; `ours` (3, ROWS): -2 scale, norm, and beta + error of the
    rows; `theirs` (3, PICKS): scale, norm and error of the picks. Bit j of hits[i] (ROWS,) is set unless (*) excludes
    the pair i, j; it is not set if neither has a bound (NaN).
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        arrays = _Arrays(context, builder, signature, args)
        for row, sums in enumerate(_products(builder, arrays)):
            _compare(builder, arrays, row, sums)
        return context.get_dummy_value()

    return types.void(codes, places, packed, starts, ours, theirs, dots, hits), generate


class _Arrays:
    """The arguments of `_tile` by position, for generating its code."""

    def __init__(self, context, builder, signature, args) -> None:  # type: ignore[no-untyped-def]
        self._builder = builder
        self._arrays = [context.make_array(kind)(context, builder, value)
                        for kind, value in zip(signature.args, args, strict=True)]  # fmt: skip

    def width(self):  # type: ignore[no-untyped-def]
        """D', of the codes."""
        return cgutils.unpack_tuple(self._builder, self._arrays[0].shape)[1]

    def pointer(self, position, offset, kind=None):  # type: ignore[no-untyped-def]
        """Pointer to the element at `offset` (a constant or an IR value), cast to `kind` if given."""
        offset = offset if isinstance(offset, ir.Value) else INDEX(offset)
        place = self._builder.gep(self._arrays[position].data, [offset])
        return place if kind is None else self._builder.bitcast(place, kind.as_pointer())

    def load(self, position, offset, kind=None):  # type: ignore[no-untyped-def]
        """The element there; a vector is loaded with the alignment of its words."""
        return self._builder.load(self.pointer(position, offset, kind), align=None if kind is None else 4)

    def spread(self, position, offset, vector):  # type: ignore[no-untyped-def]
        """The element there, broadcast to a vector."""
        return _splat(self._builder, self.load(position, offset), vector)


def _products(builder, arrays):  # type: ignore[no-untyped-def]
    """Pointers to the accumulators of each row, a vector per 16 picks."""
    parts = range(PICKS // 16)
    width = arrays.width()
    rows, sums = [], []
    for row in range(ROWS):
        rows.append(builder.mul(arrays.load(1, row), width))
        first = arrays.spread(3, row, WORDS)
        sums.append([cgutils.alloca_once_value(builder, first) for _ in parts])
    kind = ir.FunctionType(WORDS, [WORDS, WORDS, WORDS])
    multiply = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpdpbusd.512")
    with cgutils.for_range_slice(builder, INDEX(0), width, INDEX(4), intp=INDEX) as (k, _):
        start = builder.mul(builder.udiv(k, INDEX(4)), INDEX(PICKS))
        picks = [arrays.load(2, builder.add(start, INDEX(16 * part)), WORDS) for part in parts]
        for row in range(ROWS):
            four = builder.load(arrays.pointer(0, builder.add(rows[row], k), WORD), align=1)
            four = _splat(builder, four, WORDS)
            for total, pick in zip(sums[row], picks, strict=True):
                builder.store(builder.call(multiply, [builder.load(total), pick, four]), total)
    return sums


def _compare(builder, arrays, row, sums):  # type: ignore[no-untyped-def]
    """Store the products of a row, and the bits of the picks that (*) does not exclude."""
    scale, norm, tau = (arrays.spread(4, ROWS * part + row, FLOATS) for part in range(3))
    bits = INDEX(0)
    for part, pointer in enumerate(sums):
        total = builder.load(pointer)
        builder.store(total, arrays.pointer(6, PICKS * row + 16 * part, WORDS), align=4)
        other_scale, other_norm, error = (arrays.load(5, PICKS * which + 16 * part, FLOATS) for which in range(3))
        product = builder.fmul(builder.fmul(scale, other_scale), builder.sitofp(total, FLOATS))
        left, far = builder.fadd(builder.fadd(norm, other_norm), product), builder.fadd(tau, error)
        gap = builder.fsub(left, builder.fmul(far, far))
        near = builder.fcmp_ordered("<=", gap, ir.Constant(FLOATS, [0.0] * 16))
        some = builder.zext(builder.bitcast(near, ir.IntType(16)), INDEX)
        bits = builder.or_(bits, builder.shl(some, INDEX(16 * part)))
    builder.store(bits, arrays.pointer(7, row))


def _splat(builder, scalar, vector):  # type: ignore[no-untyped-def]
    nothing = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(nothing, scalar, WORD(0))
    return builder.shuffle_vector(one, nothing, ir.Constant(WORDS, [0] * 16))


@compiled()
def _gather(codes, numbers, columns, some, packed, theirs):  # type: ignore[no-untyped-def]
    """Pack the picks at `columns` into tiles, the last one padded with the empty pick.

    Written are `some`, the columns; `packed` (m / PICKS, D' / 4, PICKS), their codes + 128, four per word; `theirs`
    (m / PICKS, 3, PICKS), their numbers.
    """
    words, tiles = codes.view(np.uint32), -(-len(columns) // PICKS)
    for j in range(tiles * PICKS):
        some[j] = columns[j] if j < len(columns) else len(codes) - 1
        tile, lane = j // PICKS, j % PICKS
        for part in range(3):
            theirs[tile, part, lane] = numbers[part, some[j]]
        row = words[some[j]]
        for d in range(len(row)):
            packed[tile, d, lane] = row[d] ^ np.uint32(0x80808080)


@compiled()
def _start(codes):  # type: ignore[no-untyped-def]
    """-128 times the sum of one row's codes."""
    total = np.int32(0)
    for code in codes:
        total += np.int32(code)
    return -128 * total


@compiled()
def _lower(dots, bits, limit, row, pick_rows, columns, ours, error, theirs, enlarge):  # type: ignore[no-untyped-def]
    """The minimum of `limit` and the squared distances of `row` (D,) to pick_rows[columns] at the set `bits`; exact.

    The pick with the smallest lower bound comes first, then those that (*) does not exclude with the new minimum.
    `ours`: -2 scale, norm, and beta + error.
    """
    scale, norm, tau = ours
    best, least = -1, np.float32(np.inf)
    for j in range(PICKS):
        if bits >> np.uint64(j) & np.uint64(1):
            far = tau + theirs[2, j]
            gap = norm + theirs[1, j] + scale * theirs[0, j] * np.float32(dots[j]) - far * far
            if best < 0 or gap < least:
                best, least = j, gap
    nearest = min(limit, squared_distance(row, pick_rows[columns[best]]))
    bits &= ~(np.uint64(1) << np.uint64(best))
    if not bits:
        return nearest
    tau = min(tau, np.float32(np.sqrt(nearest) * enlarge) + error)
    for j in range(PICKS):
        if bits >> np.uint64(j) & np.uint64(1):
            far = tau + theirs[2, j]
            if norm + theirs[1, j] + scale * theirs[0, j] * np.float32(dots[j]) <= far * far:
                nearest = min(nearest, squared_distance(row, pick_rows[columns[j]]))
    return nearest


@compiled()
def _update_group(ours, pick_rows, tiles, span, group, size, indices, places, until, level, enlarge, room):  # type: ignore[no-untyped-def]
    """As `update`, for the first `size` rows of `group` (ROWS,) and the picks of `tiles`, columns `span`."""
    rows, codes, our_numbers, bound = ours
    some, packed, theirs = tiles
    here, starts, numbers, dots, hits = room
    for r in range(ROWS):
        here[r], p = places[group[r]], indices[group[r]]
        starts[r] = _start(codes[here[r]])
        numbers[0, r], numbers[1, r] = np.float32(-2) * our_numbers[0, p], our_numbers[1, p]
        numbers[2, r] = np.float32(np.sqrt(bound[p]) * enlarge) + our_numbers[2, p]
    reached, (first, last) = True, span
    for tile in range(-(-(last - first) // PICKS)):
        end = min(first + (tile + 1) * PICKS, last)
        if not reached or until[group[0]] >= end:
            continue
        _tile(codes, here, packed[tile], starts, numbers, theirs[tile], dots, hits)  # type: ignore[call-arg]
        reached = False
        for r in range(size):
            i, p = group[r], indices[group[r]]
            if bound[p] < level:
                continue
            until[i] = max(until[i], end)
            if hits[r]:
                bound[p] = _lower(dots[r], hits[r], bound[p], rows[here[r]], pick_rows,
                                  some[tile * PICKS : (tile + 1) * PICKS],
                                  (numbers[0, r], numbers[1, r], numbers[2, r]), our_numbers[2, p],
                                  theirs[tile], enlarge)  # fmt: skip
                numbers[2, r] = np.float32(np.sqrt(bound[p]) * enlarge) + our_numbers[2, p]
            reached = reached or bound[p] >= level


@compiled()
def update(ours, picks, columns, indices, places, until, level, enlarge):  # type: ignore[no-untyped-def]
    """Update the bounds of rows by the picks at `columns`, from column `until` (n,), ascending, on.

    A row is dropped once it is below `level`; `until` becomes the first column it was not compared with. `ours`: rows
    (N', D) and codes (N', D'), indexed by `places` (n,), and numbers (3, N) and bound (N,), indexed by `indices` (n,).
    `picks`: rows, codes and numbers of all picks, the last one empty (norm infinity). Numbers are scale, norm and
    error; a distance times `enlarge` is its enlarged beta, as in `exact/__init__.py`.
    """
    bound, (pick_rows, pick_codes, pick_numbers) = ours[3], picks
    count, width = len(columns), pick_codes.shape[1]
    some, packed = np.empty(BLOCK, dtype=np.int64), np.empty((BLOCK // PICKS, width // 4, PICKS), dtype=np.uint32)
    theirs = np.empty((BLOCK // PICKS, 3, PICKS), dtype=np.float32)
    dots, starts = np.empty((ROWS, PICKS), dtype=np.int32), np.empty(ROWS, dtype=np.int32)
    numbers, hits = np.empty((3, ROWS), dtype=np.float32), np.empty(ROWS, dtype=np.uint64)
    group, here = np.empty(ROWS, dtype=np.int64), np.empty(ROWS, dtype=np.int64)
    tiles, room = (some, packed, theirs), (here, starts, numbers, dots, hits)
    alive, first = np.arange(len(places)), until[0] // PICKS * PICKS
    while first < count and len(alive):
        last, kept = min(first + BLOCK, count), 0
        _gather(pick_codes, pick_numbers, columns[first:last], some, packed, theirs)
        for a in range(0, len(alive), ROWS):
            size = min(ROWS, len(alive) - a)
            for r in range(ROWS):
                group[r] = alive[a + min(r, size - 1)]
            span = first, last
            _update_group(ours, pick_rows, tiles, span, group, size, indices, places, until, level, enlarge, room)
            for r in range(size):
                if bound[indices[group[r]]] >= level:
                    alive[kept] = group[r]
                    kept += 1
        alive = alive[:kept]
        first = last


@compiled()
def update_near(ours, picks, cell, near, visited, indices, places, level, enlarge):  # type: ignore[no-untyped-def]
    """Update rows by the picks in the cells around theirs, from pick `visited` (N,) on; the rest as in `update`.

    `indices` are sorted by cell, then by `visited`. `cell`: the cells of all rows (N,) and of the picks (m,); `near`
    (cells, cells): which cells are around which.
    """
    cells, picked = cell
    first = 0
    while first < len(indices):
        own, last = cells[indices[first]], first + 1
        while last < len(indices) and cells[indices[last]] == own:
            last += 1
        columns = np.empty(len(picked) + 1, dtype=np.int64)
        count = 0
        for j in range(visited[indices[first]], len(picked)):
            if near[own, picked[j]]:
                columns[count] = j
                count += 1
        columns[count] = len(picked)
        until = np.empty(last - first, dtype=np.int32)
        place = 0
        for i in range(first, last):
            while columns[place] < visited[indices[i]]:
                place += 1
            until[i - first] = place
        update(ours, picks, columns[:count], indices[first:last], places[first:last], until, level, enlarge)
        for i in range(first, last):
            visited[indices[i]] = columns[until[i - first]]
        first = last

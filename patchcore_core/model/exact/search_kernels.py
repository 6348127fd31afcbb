"""The inner loops of search, compiled by numba on first use and cached.

Bank rows are float32, or float16 given as uint16 bit patterns (halves.py). Distances that decide are those
of distance.py; of equal ones the lower index comes first.
"""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled
from patchcore_core.model.exact.distance import squared_distance
from patchcore_core.model.exact.halves import value

CHUNK = 16  # bank rows per chunk; chunks are ordered by their smallest lower bound
SPARE = 4  # chunks looked at beyond as many as are wanted, where rows of a query's own group may hide the nearest


@compiled(fastmath={"reassoc", "nsz", "contract"})
def _rough(x, row):  # type: ignore[no-untyped-def]
    """Squared distance in float32, in any order."""
    total = np.float32(0)
    for i in range(len(x)):
        difference = x[i] - value(row[i])
        total += difference * difference
    return total


@compiled()
def _offer(x, rows, j, nearest, indices):  # type: ignore[no-untyped-def]
    """Put bank row j into the sorted k nearest so far, if it belongs there and is not there yet."""
    k = len(nearest)
    for i in range(k):
        if indices[i] == j:
            return
    limit = nearest[k - 1]
    rough = np.float64(_rough(x, rows[j]))
    if limit * (1.0 + (2 * len(x) + 16) * 2.0**-24) + 2.0**-100 < rough < np.inf:
        return
    exact = squared_distance(x, rows[j])
    if exact > limit or (exact == limit and j > indices[k - 1] >= 0):
        return
    place = k
    while place > 0 and (exact < nearest[place - 1] or (exact == nearest[place - 1] and j < indices[place - 1])):
        place -= 1
    for i in range(k - 1, place, -1):
        nearest[i] = nearest[i - 1]
        indices[i] = indices[i - 1]
    nearest[place] = exact
    indices[place] = j


@compiled(fastmath={"reassoc", "nsz", "contract"})
def centre_rows(rows, inverse_unit, centre, result, lengths):  # type: ignore[no-untyped-def]
    """result (n, D) = rows * inverse_unit - centre, and the Euclidean lengths (n,) of its rows."""
    for i in range(len(rows)):
        row, out = rows[i], result[i]
        total = np.float32(0)
        for d in range(len(row)):
            centred = value(row[d]) * inverse_unit - centre[d]
            out[d] = centred
            total += centred * centred
        lengths[i] = np.sqrt(total)


@compiled(fastmath={"reassoc", "nsz", "contract"})
def quantise(rows, codes, scale, norms, lost):  # type: ignore[no-untyped-def]
    """Round rows (n, r) to scale (n,) times int8 codes; norms = |scale codes|^2, lost = |rows - scale codes|.

    Measured against the same in torch: see `sketch._quantised`.
    """
    for i in range(len(rows)):
        row, out = rows[i], codes[i]
        largest = np.float32(0)
        for d in range(len(row)):
            size = abs(row[d])
            largest = size if size > largest else largest
        step = max(largest / np.float32(127), np.float32(2.0**-100))
        inverse = np.float32(1) / step
        square, total = np.int32(0), np.float32(0)
        for d in range(len(row)):
            code = np.int32(row[d] * inverse + np.float32(128.5)) - np.int32(128)
            out[d] = code
            square += code * code
            rest = row[d] - step * np.float32(code)
            total += rest * rest
        scale[i], norms[i], lost[i] = step, step * step * np.float32(square), np.sqrt(total)


@compiled()
def _is_own(owns, owner, j):  # type: ignore[no-untyped-def]
    """Whether bank row j belongs to a query's own group; `owns` is the group of each row, or empty: none does."""
    return j < len(owns) and owns[j] == owner


@compiled()
def scan(queries, owners, rows, owns, nearest, indices):  # type: ignore[no-untyped-def]
    """Offer every bank row to every query but those of its own group, as in `visit`."""
    for i in range(len(queries)):
        for j in range(len(rows)):
            if not _is_own(owns, owners[i], j):
                _offer(queries[i], rows, j, nearest[i], indices[i])


@compiled(fastmath={"reassoc", "nsz", "contract", "nnan"})
def _smallest(dots, scale, norms, factor, smallest):  # type: ignore[no-untyped-def]
    """The least of norms - factor * scale * dots in each chunk: of n chunks, chunk c is c, c + n, c + 2 n, ..."""
    chunks = len(smallest)
    for c in range(chunks):
        smallest[c] = norms[c] - factor * (scale[c] * np.float32(dots[c]))
    for turn in range(1, CHUNK):
        for c in range(chunks):
            j = turn * chunks + c
            bound = norms[j] - factor * (scale[j] * np.float32(dots[j]))
            smallest[c] = bound if bound < smallest[c] else smallest[c]


@compiled()
def _best_of_chunk(c, dots, scale, norms, factor, chunks):  # type: ignore[no-untyped-def]
    best, least = c, np.float32(np.inf)
    for turn in range(CHUNK):
        j = turn * chunks + c
        bound = norms[j] - factor * (scale[j] * np.float32(dots[j]))
        if bound < least:
            best, least = j, bound
    return best


@compiled()
def _least(values, wanted):  # type: ignore[no-untyped-def]
    """Places of up to so many of the least values, the least first; -1 where there are no more."""
    places = np.full(wanted, -1, dtype=np.int64)
    least = np.full(wanted, np.inf, dtype=np.float32)
    for i in range(len(values)):
        if values[i] < least[-1]:
            place = wanted - 1
            while place > 0 and values[i] < least[place - 1]:
                least[place], places[place] = least[place - 1], places[place - 1]
                place -= 1
            least[place], places[place] = values[i], i
    return places


@compiled()
def _start(dots, first, scale, norms, factor, smallest, x, owner, rows, owns, nearest, indices):  # type: ignore[no-untyped-def]
    """Offer the best rows of the best chunks: one, or as many as are wanted while they are not found yet."""
    chunks = len(smallest)
    wanted = 1 if indices[-1] >= 0 else len(indices)
    for c in _least(smallest, min(chunks, wanted + (SPARE if len(owns) else 0))):
        if wanted == 0 or c < 0:
            break
        best = first + _best_of_chunk(c, dots, scale, norms, factor, chunks)
        if best < len(rows) and not _is_own(owns, owner, best):
            _offer(x, rows, best, nearest, indices)
            wanted -= 1


@compiled()
def visit(dots, first, queries, owners, ours, rows, owns, theirs, worst, enlarge, nearest, indices):  # type: ignore[no-untyped-def]
    """Bring the k nearest of each query up to date with the bank rows from `first` on.

    `dots` (n, m) are products of the codes of `queries` (n, D) with those of m bank rows, m whole chunks; `ours` and
    `theirs` are scale, norm and error of these queries and of these bank rows, `worst` the largest error of each
    chunk, `enlarge` turns a distance into beta. Updates `nearest` and `indices` (n, k). Returns the rows offered. Rows
    whose group, of `owns` (M,), is that of the query, of `owners` (n,), count as absent; none where `owns` is empty.
    """
    k, chunks, count = nearest.shape[1], len(worst), len(rows) - first
    scale, norms, errors = theirs[0], theirs[1], theirs[2]
    smallest = np.empty(chunks, dtype=np.float32)
    offered = 0
    for i in range(len(queries)):
        factor, norm, error = np.float32(2) * ours[0, i], np.float64(ours[1, i]), np.float64(ours[2, i])
        _smallest(dots[i], scale, norms, factor, smallest)
        _start(dots[i], first, scale, norms, factor, smallest, queries[i], owners[i], rows, owns, nearest[i],
               indices[i])
        reach = np.sqrt(nearest[i, k - 1]) * enlarge + error
        for c in range(chunks):
            if smallest[c] > (reach + worst[c]) ** 2 - norm:
                continue
            for turn in range(CHUNK):
                j = turn * chunks + c
                bound = norms[j] - factor * (scale[j] * np.float32(dots[i, j]))
                if j >= count or bound > (reach + np.float64(errors[j])) ** 2 - norm:  # (*)
                    continue
                if not _is_own(owns, owners[i], first + j):
                    offered += 1
                    _offer(queries[i], rows, first + j, nearest[i], indices[i])
                    reach = np.sqrt(nearest[i, k - 1]) * enlarge + error
    return offered

"""The inner loops of the coreset, compiled by numba on first use and cached."""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled
from patchcore_core.model.exact.distance import squared_distance


@compiled()
def _find(flags, found):  # type: ignore[no-untyped-def]
    """Write the positions of nonzero flags to `found` and return their number. `len(flags)` is a multiple of 8."""
    eights = flags.view(np.uint64)
    count = 0
    for i in range(len(eights)):
        if eights[i]:
            for j in range(8 * i, 8 * i + 8):
                if flags[j]:
                    found[count] = j
                    count += 1
    return count


@compiled()
def _lower(dots, tau, norm, scale, row, pick_rows, columns, theirs, limit, enlarge, error, gap, hit, hits):  # type: ignore[no-untyped-def]
    """The minimum of `limit` and the squared distances of `row` (D,) to pick_rows[columns]; exact.

    `dots` (m,): the products of its codes with theirs; `scale`: -2 s of the row; `tau`: its beta + error. `gap`, `hit`
    and `hits` (m,) are work arrays.
    """
    pick_scale, pick_norm, pick_error = theirs[0], theirs[1], theirs[2]
    for j in range(len(dots)):  # (*); NaN, hence no hit, if neither has a bound
        far = tau + pick_error[j]
        gap[j] = norm + pick_norm[j] + scale * pick_scale[j] * np.float32(dots[j]) - far * far
        hit[j] = gap[j] <= 0
    found = _find(hit, hits)
    if found == 0:
        return limit
    best = hits[0]
    for j in hits[1:found]:
        if gap[j] < gap[best]:
            best = j
    nearest = min(limit, squared_distance(row, pick_rows[columns[best]]))
    tau = min(tau, np.float32(np.sqrt(nearest) * enlarge) + error)
    for j in hits[:found]:
        far = tau + pick_error[j]
        left = norm + pick_norm[j] + scale * pick_scale[j] * np.float32(dots[j])
        if left <= far * far and j != best:
            nearest = min(nearest, squared_distance(row, pick_rows[columns[j]]))
    return nearest


@compiled()
def tighten(dots, rows, places, ours, bound, pick_rows, columns, theirs, enlarge):  # type: ignore[no-untyped-def]
    """Update `bound` (n,), the squared distances of rows[places] to the nearest pick, by pick_rows[columns]; exact.

    `dots` (n, m): products of their codes; `ours` (3, n) and `theirs` (3, m): scale, norm and error; a distance times
    `enlarge` is its enlarged beta, as in `exact/__init__.py`. m is a multiple of 8.
    """
    count = dots.shape[1]
    gap, hit = np.empty(count, dtype=np.float32), np.empty(count, dtype=np.uint8)
    hits = np.empty(count, dtype=np.int64)
    for i in range(len(places)):
        error = ours[2, i]
        tau = np.float32(np.sqrt(bound[i]) * enlarge) + error
        bound[i] = _lower(dots[i], tau, ours[1, i], np.float32(-2) * ours[0, i], rows[places[i]], pick_rows, columns,
                          theirs, bound[i], enlarge, error, gap, hit, hits)  # fmt: skip


@compiled()
def compete(rows, indices, distance, seen, level, first_tied, limit):  # type: ignore[no-untyped-def]
    """Plain farthest-first among the candidates `rows` (S, D), `indices` (S,) ascending; the positions picked.

    `distance` (S,): squared distances to the picks so far. Ends after `limit` picks, or once the farthest candidate is
    below `level`, or at `level` with an index above `first_tied`: then a row outside may be farther. `distance` is
    updated (-1 = picked), except for rows that fall below `level`; `seen` (S,): the number of new picks it includes.
    """
    chosen = np.empty(limit, dtype=np.int64)
    alive = np.arange(len(rows))
    best = np.argmax(distance)
    for done in range(limit):
        if distance[best] < level or (distance[best] == level and indices[best] > first_tied):
            return chosen[:done]
        pick = best
        chosen[done] = pick
        distance[pick] = -1.0
        seen[pick] = limit
        kept = 0
        for a in alive:
            if a == pick:
                continue
            distance[a] = min(distance[a], squared_distance(rows[a], rows[pick]))
            seen[a] = done + 1
            if distance[a] >= level:
                alive[kept] = a
                kept += 1
                if distance[a] > distance[best]:
                    best = a
        alive = alive[:kept]
    return chosen

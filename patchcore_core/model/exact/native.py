"""The coreset's inner loops in machine code, compiled by numba on first use and cached."""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled
from patchcore_core.model.exact.distance import squared_distance


@compiled()
def _find(flags, found):  # type: ignore[no-untyped-def]
    """Write the positions of the few that are not 0 to `found`; how many. `len(flags)` is a multiple of 8."""
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
    """The smaller of `limit` and the squared distances of `row` (D,) to pick_rows[columns]; exact.

    `dots` (m,) are the products of its codes with theirs, `scale` is -2 s of the row, `tau` its beta and error.
    `gap`, `hit` and `hits` (m,) are room to work in.
    """
    pick_scale, pick_norm, pick_error = theirs[0], theirs[1], theirs[2]
    for j in range(len(dots)):  # (*); NaN, no hit, where neither has a bound
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
    """Lower `bound` (n,), the squared distances of rows[places] to their nearest pick, by pick_rows[columns]; exact.

    `dots` (n, m) are products of their codes, `ours` (3, n) and `theirs` (3, m) scale, norm and error, `enlarge`
    times a distance is its enlarged beta: as in `exact/__init__.py`. m is a multiple of 8.
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
    """Farthest-first among `rows` (S, D) with ascending `indices` (S,) while it is certain; the positions picked.

    `distance` (S,) are squared distances to the picks so far. It ends after `limit` picks, or when the farthest row
    is below `level`, or at it with an index above `first_tied`. `distance` is brought up to date (-1 = picked), but
    for rows that fall below `level`: `seen` (S,) says how many of the new picks each takes account of.
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

"""Which pixels of a map of float16 are trimmed, as `trim.Trim.trimmed` says, from the bits of its scores.

Bits of float16 without a sign have the order of the scores. Loops run along rows, which the compiler turns into vector
instructions; assignments to slices it does not.
"""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.compiled import compiled

UNIT = np.float32(2.0**112)  # by which the bits of a float16, moved into those of a float32, are too small


@compiled()
def trim(bits, good, shares, reaches, above_good, below):  # type: ignore[no-untyped-def]
    """Set `below` (H, W), all False, where a pixel of `bits` (H, W) is trimmed.

    shares, reaches (S,): of the halo, by rising reach; above_good: the least bits of a score above `good`.
    """
    highest, ends = bits.copy(), np.empty_like(bits)
    wide, seen = bits.shape[1] + 2 * reaches[-1], 0
    one, other = np.empty(wide, np.uint16), np.empty(wide, np.uint16)
    here, peaks = np.empty(bits.shape[1], np.uint32), np.empty(bits.shape[1], np.uint32)
    for step in range(len(reaches)):
        _highest_down(highest, reaches[step] - seen, ends, one[:bits.shape[1]])
        _highest_across(highest, reaches[step] - seen, one, other)
        seen = reaches[step]
        for row in range(len(bits)):
            _widen(bits[row], here)
            _widen(highest[row], peaks)
            _mark(here.view(np.float32), peaks.view(np.float32), good, shares[step], below[row])
    _keep_tops(bits, above_good, below)


@compiled()
def _clear(values):  # type: ignore[no-untyped-def]
    for place in range(len(values)):
        values[place] = 0


@compiled()
def _put(values, into):  # type: ignore[no-untyped-def]
    for place in range(len(into)):
        into[place] = values[place]


@compiled()
def _raise(values, by):  # type: ignore[no-untyped-def]
    for place in range(len(values)):
        values[place] = max(values[place], by[place])


@compiled()
def _higher(one, other, into):  # type: ignore[no-untyped-def]
    for place in range(len(into)):
        into[place] = max(one[place], other[place])


@compiled()
def _highest_down(values, reach, ends, run):  # type: ignore[no-untyped-def]
    """Each value (H, W) becomes the highest within `reach` rows.

    Every window lies in two blocks of its length: it is the end of one and the beginning of the next (van Herk 1992).
    """
    height, wide = len(values), 2 * reach + 1
    _clear(run)
    for left in range(height + reach):  # row: of the edged values
        row = height + reach - 1 - left
        if (row + 1) % wide == 0:
            _clear(run)
        if row >= reach:
            _raise(run, values[row - reach])
        if row < height:
            _put(run, ends[row])
    for row in range(height + 2 * reach):
        if row % wide == 0:
            _clear(run)
        if reach <= row < height + reach:
            _raise(run, values[row - reach])
        if row >= 2 * reach:
            _higher(run, ends[row - 2 * reach], values[row - 2 * reach])


@compiled()
def _highest_across(values, reach, one, other):  # type: ignore[no-untyped-def]
    """Each value (H, W) becomes the highest within `reach` columns; windows are doubled until they are long enough."""
    height, width = values.shape
    for row in range(height):
        _clear(one[:reach])
        _put(values[row], one[reach:reach + width])
        _clear(one[reach + width:2 * reach + width])
        found, spare, wide, left = one, other, 1, 2 * reach + width
        while wide < 2 * reach + 1:
            step = min(wide, 2 * reach + 1 - wide)
            left -= step
            _higher(found, found[step:], spare[:left])
            found, spare, wide = spare, found, wide + step
        _put(found, values[row])


@compiled()
def _widen(bits, wide):  # type: ignore[no-untyped-def]
    """The bits of float32, which times `UNIT` are the scores: exact, also for the least ones."""
    for place in range(len(wide)):
        wide[place] = np.uint32(bits[place]) << np.uint32(13)


@compiled()
def _mark(scores, peaks, good, share, below):  # type: ignore[no-untyped-def]
    """Where a score is below this share of the way from `good` to the peak near by; all (W,) float32."""
    for place in range(len(below)):
        rise = peaks[place] * UNIT - good
        below[place] |= (rise > np.float32(0)) & (scores[place] * UNIT < rise * share + good)


@compiled()
def _keep_tops(bits, above_good, below):  # type: ignore[no-untyped-def]
    """Take local maxima (plateaus included) of `above_good` or more, wholly below, and their neighbours out of `below`.
    """
    height, width = bits.shape
    edged, top = np.zeros((height + 2, width + 2), np.uint16), np.zeros((height + 2, width + 2), np.uint8)
    rows, columns = np.empty(bits.size, np.int64), np.empty(bits.size, np.int64)
    for row in range(height):
        _put(bits[row], edged[row + 1, 1:-1])
    count, changed = _find_highest(edged, above_good, below, rows, columns), True
    for n in range(count):
        top[rows[n], columns[n]] = 1
    while changed:  # an equal neighbour of a pixel that is no maximum is none either
        changed = False
        for n in range(count):
            if top[rows[n], columns[n]] and _is_matched(edged, top, rows[n], columns[n]):
                top[rows[n], columns[n]], changed = 0, True
    for n in range(count):
        if top[rows[n], columns[n]]:
            for row in range(max(rows[n] - 2, 0), min(rows[n] + 1, height)):
                for column in range(max(columns[n] - 2, 0), min(columns[n] + 1, width)):
                    below[row, column] = 0


@compiled()
def _is_matched(edged, top, row, column):  # type: ignore[no-untyped-def]
    """Whether a neighbour that is no top is as high."""
    for i in range(row - 1, row + 2):
        for j in range(column - 1, column + 2):
            if not top[i, j] and edged[i, j] >= edged[row, column]:
                return True
    return False


@compiled()
def _find_highest(edged, above_good, below, rows, columns):  # type: ignore[no-untyped-def]
    """Write the rows and columns in `edged` (H + 2, W + 2) of the pixels that are `below` (H, W), `above_good` or more,
    and exceeded by no neighbour; return their number."""
    height, width = below.shape
    three, nine = np.empty(width + 2, np.uint16), np.empty(width, np.uint16)
    flags, count = np.zeros((width + 7) // 8 * 8, np.uint8), 0
    eights = flags.view(np.uint64)
    for row in range(height):
        _higher(edged[row], edged[row + 1], three)
        _raise(three, edged[row + 2])
        _higher(three, three[1:], nine)
        _raise(nine, three[2:])
        _flag(edged[row + 1, 1:-1], nine, below[row], flags)
        for eight in range(len(eights)):
            if eights[eight]:
                for column in range(8 * eight, min(8 * eight + 8, width)):
                    if flags[column] and nine[column] >= above_good:
                        rows[count], columns[count] = row + 1, column + 1
                        count += 1
    return count


@compiled()
def _flag(values, highest, among, flags):  # type: ignore[no-untyped-def]
    """1 where a value is the highest and `among`, both (W,), else 0."""
    for place in range(len(values)):
        flags[place] = among[place] if values[place] == highest[place] else np.uint8(0)

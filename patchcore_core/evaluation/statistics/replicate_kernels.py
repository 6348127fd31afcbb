"""The areas and the best F1 of resampled pixels in one pass over their bins.

The same figures as `figures.pixel_figures` of `ImageBins.counts`, without the arrays of cumulated counts between them.
"""

from __future__ import annotations

from patchcore_core.model.exact.compiled import compiled

NEARLY = 1e-9  # as in curves.py


@compiled()
def sum_rows(positives, negatives, with_defect, weights, limits, found):  # type: ignore[no-untyped-def]
    """Fill found (R, 7 + L) from the contents of B bins of R resamples, (R, B) float32 each, the highest score first.

    Its columns: positives, negatives, negatives of images with a defect; twice the area under the ROC curve of all and
    of these images, in pairs of pixels; precision summed over the positives, the best F1; and the areas under the
    per-region overlap, in negatives, up to `limits` (L,) of the negatives.
    """
    bins = positives.shape[1]
    for row in range(len(positives)):
        positive = negative = beside = whole = 0.0
        for place in range(bins):
            positive += positives[row, place]
            negative += negatives[row, place]
            beside += with_defect[row, place]
            whole += weights[row, place]
        found[row, 0], found[row, 1], found[row, 2] = positive, negative, beside
        if whole <= 0.0:
            whole = 1.0
        true = false = weight = area = area_beside = steps = best = overlap = 0.0
        found[row, 7:] = 0.0
        for place in range(bins):
            gained, lost = float(positives[row, place]), float(negatives[row, place])
            true += gained
            area += lost * (2.0 * true - gained)
            area_beside += with_defect[row, place] * (2.0 * true - gained)
            steps += gained * (true / max(true + false + lost, 1.0))
            best = max(best, 2.0 * true / max(true + false + lost + positive, 1.0))
            weight += weights[row, place]
            before, overlap = overlap, weight / whole
            for number in range(len(limits)):
                width = min(max(limits[number] * negative - false, 0.0), lost)
                if width > 0.0:
                    share = width / max(lost, NEARLY)
                    found[row, 7 + number] += width * (overlap - (overlap - before) * (1.0 - share / 2.0))
            false += lost
        found[row, 3], found[row, 4], found[row, 5], found[row, 6] = area, area_beside, steps, best

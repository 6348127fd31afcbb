"""Many maps trimmed once and kept as bits, against one map at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patchcore_core.data.masks import Outline
from patchcore_core.data.scratch import Scratch
from patchcore_core.evaluation.evaluate import evaluate
from patchcore_core.evaluation.map_summary import summarise
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps

QUICK = settings(max_examples=100, deadline=None)
HALO = ((0.7, 1), (0.5, 3))
LEVELS = st.sampled_from([0, 6e-8, 8, 9, 10, 10.5, 11, 12, 14, 17, 20, 30, 65504])
MAPS = st.tuples(st.integers(1, 19), st.integers(1, 23)).flatmap(
    lambda shape: arrays(np.float16, shape, elements=LEVELS, fill=st.sampled_from([9, 11, 14]))
)


@QUICK
@given(MAPS, st.sampled_from([0.0, 9.3, 10.0, 65504.0]), st.sampled_from([HALO, HALO[:1], ((0.3, 2), (0.6, 40)), ()]))
def test_it_trims_as_the_least_scores_say(scores, good, halo):
    trim = Trim(good, halo)
    np.testing.assert_array_equal(trim.trimmed(scores), scores.astype(np.float32) < trim.least(scores))


def test_it_trims_large_noisy_maps_alike():
    random = np.random.default_rng(5)
    for shape in ((100, 131), (64, 320)):
        scores = random.gamma(4, 3, shape).round(1).astype(np.float16)
        trim = Trim(float(np.median(scores)), ((0.7, 4), (0.4, 16)))
        wanted = scores.astype(np.float32) < trim.least(scores)
        assert wanted.any()
        np.testing.assert_array_equal(trim.trimmed(scores), wanted)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("good", [2.0, -1.0])
def test_what_is_trimmed_is_the_same_from_memory_and_scratch(noisy_maps, dtype, good, tmp_path):
    maps, trim = noisy_maps[1].astype(dtype)[:, :, :61], Trim(good, HALO)  # 61: bits that do not fill bytes
    with Scratch(tmp_path) as scratch:
        kept, plain = TrimmedMaps(trim, maps, scratch), TrimmedMaps(trim, maps)
        for image in (0, 39, 20, 39, 0):
            wanted = trim.trimmed(maps[image])
            for found in (kept, plain):
                np.testing.assert_array_equal(found.trimmed(image), wanted)
                for threshold in (3.0, np.nan):
                    np.testing.assert_array_equal(found.reaching(image, threshold),
                                                  trim.reaching(maps[image], threshold))  # fmt: skip


def test_each_map_is_trimmed_once_for_figures_and_summary_which_stay_the_same(
    noisy_maps, scores, monkeypatch, tmp_path
):
    masks, maps = noisy_maps
    labels, types, trim = np.repeat([0, 1], 20), ["good"] * 20 + ["hole"] * 12 + ["scratch"] * 8, Trim(2.0, HALO)
    outlines = {image: Outline.of(mask) for image, mask in enumerate(masks) if mask.any()}
    plain = evaluate(labels, types, scores, masks, maps, np.ones(40, bool), trim=trim)
    summary = summarise(maps, labels, masks.__getitem__, 4.0, trim=trim)
    trimmed, each = [], Trim.trimmed
    monkeypatch.setattr(Trim, "trimmed", lambda *given: trimmed.append(1) or each(*given))
    with Scratch(tmp_path) as scratch:
        kept = TrimmedMaps(trim, maps, scratch)
        found = evaluate(labels, types, scores, masks, maps, np.ones(40, bool), trim=kept, outlines=outlines)
        again = summarise(maps, labels, masks.__getitem__, 4.0, trim=kept)
    assert len(trimmed) == 40
    assert repr(found.metrics) == repr(plain.metrics)
    assert repr((found.intervals, found.region_recall)) == repr((plain.intervals, plain.region_recall))
    for one, other in ((found.curves.arrays(), plain.curves.arrays()), (again.arrays(), summary.arrays())):
        assert one.keys() == other.keys()
        for name, values in other.items():
            np.testing.assert_array_equal(one[name], values)

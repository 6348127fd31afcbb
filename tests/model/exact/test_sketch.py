"""The bound of the int8 sketches, and the products they rest on."""

import numpy as np
import pytest
import torch

from patchcore_core.model.exact import distance, eager
from patchcore_core.model.exact.resident import Resident, readable
from patchcore_core.model.exact.sketch import Sketch, fastest_product, sketch

RANDOM = np.random.default_rng(0)
CASES = {
    "normal": RANDOM.standard_normal((300, 33)),
    "large offset": RANDOM.standard_normal((300, 20)) + 1e4,
    "heavy tails": RANDOM.standard_t(1.2, (300, 8)),
    "spans of magnitude": RANDOM.standard_normal((300, 12)) * 10.0 ** RANDOM.integers(-12, 8, (300, 1)),
    "near duplicates": RANDOM.standard_normal((1, 40)) + 1e-6 * RANDOM.standard_normal((300, 40)),
    "constant": np.full((300, 5), 3.25),
}


@pytest.mark.parametrize("name", CASES)
def test_no_pair_nearer_than_its_bound_is_excluded(name: str) -> None:
    rows = torch.from_numpy(CASES[name].astype(np.float32))
    squared = torch.cdist(rows.double(), rows.double(), compute_mode="donot_use_mm_for_euclid_dist").square()
    made = sketch(rows, Resident(None))
    dots = fastest_product(made.codes.shape[1], rows.device)(made.codes, made.codes).float()
    scale, norm, error = made.numbers
    for factor in (1.0, 1.0 + 1e-6, 1.3):  # the bound stands just above the distance
        beta = (squared.sqrt() * factor * made.enlarge).float()
        tau = beta + error[:, None] + error
        left = norm[:, None] + norm - 2 * scale[:, None] * scale * dots
        assert bool((left <= tau * tau).all())


def test_the_bound_excludes_most_distant_pairs() -> None:
    rows = torch.from_numpy(CASES["normal"].astype(np.float32))
    made = sketch(rows, Resident(None))
    dots = made.codes.double() @ made.codes.double().T
    scale, norm, error = made.numbers
    squared = norm[:, None] + norm - 2 * scale[:, None] * scale * dots
    distance = torch.cdist(rows.double(), rows.double()) * made.enlarge
    tau = 0.95 * distance + error[:, None] + error
    assert float((squared > tau * tau).double().mean()) > 0.95


def test_empty_places_are_near_to_nothing() -> None:
    empty = Sketch.empty(3, 5, 1.0, torch.device("cpu"))
    assert empty.codes.shape == (3, 8)
    assert bool(empty.numbers[1].isinf().all())


@pytest.mark.parametrize("dim", [8, 128, 1024, 2048])
def test_products_are_exact(dim: int) -> None:
    codes = torch.randint(-127, 128, (96, dim), dtype=torch.int8, generator=torch.Generator().manual_seed(0))
    codes[::3] = 127
    codes[1::3] = -127
    product = fastest_product(dim, codes.device)
    assert torch.equal(product(codes, codes[:64]).double(), codes.double() @ codes[:64].double().T)


@pytest.mark.parametrize("dim", [1, 7, 8, 9, 100, 128, 129, 152, 257, 1024])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_distances_are_those_of_numpy_to_the_last_bit(dim: int, dtype: type) -> None:
    x, y = np.random.default_rng(dim).standard_normal((2, 50, dim)).astype(dtype)
    expected = np.square(x.astype(np.float64) - y.astype(np.float64)).sum(axis=1)
    pairs = zip(readable(torch.from_numpy(x)), readable(torch.from_numpy(y)), strict=True)
    assert [distance.squared_distance(*pair) for pair in pairs] == expected.tolist()
    assert eager.squared_distances(torch.from_numpy(x), torch.from_numpy(y)).tolist() == expected.tolist()

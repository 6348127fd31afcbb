"""Farthest-first selection with lazy distance updates: exact, for a fraction of the plain algorithm's work.

Each row has an upper bound `bound` of its squared distance to the nearest pick: the exact minimum over the first `seen`
picks, and possibly some later ones; it holds since the minimum over a growing set never increases. A round chooses a
level slightly below the current covering radius. Only rows with a bound at or above the level are compared with the
picks they have not been compared with, picks from nearby cells first, until their bound falls below the level. The
remaining rows, whose bounds are exact, are the candidates: plain farthest-first runs among them. All other rows are
below the level, so while the farthest candidate is at or above it, it is the farthest of all rows.

Cells: rows and picks are assigned to the nearest of the first CELLS picks. A row is first compared with the picks in
the NEAR cells around its own; `visited` counts the picks for which that is done.

A comparison is a product of int8 sketches, which by the bound (*) of `exact/__init__.py` excludes most pairs; the
distances of the others are computed in float64 from differences. So the picks are, bit for bit, those of plain
farthest-first in float64 with distances `((x - y) ** 2).sum()` and the lowest index on ties. Level, cells and block
sizes affect only the amount of work.

Memory beside the rows: per row D' bytes of codes (D' = D rounded up to a multiple of 8; in scratch if given) and 29
bytes (bound 8, seen and visited 4 each, cell 1, scale, norm and error 12); per pick D' + 20 bytes and its row; and
blocks of a few MiB.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.scratch import Scratch
from patchcore_core.in_threads import in_threads
from patchcore_core.model.exact import eager
from patchcore_core.model.exact.resident import Resident, readable
from patchcore_core.model.exact.sketch import Sketch, fastest_product, sketch
from patchcore_core.model.exact.strongest import Strongest

SURVIVORS = 768  # candidates of a round
BLOCK_ROWS, BLOCK_PICKS = 1024, 256  # size of a product
LEAST_ROWS = 1024  # fewest rows per thread
AT_ONCE = 2**18  # rows scanned at a time
WORK = 2**21  # code values per call of the kernel
CELLS, NEAR = 64, 4
EAGER_WORK = 2 * 10**9  # rows x picks x dimension up to which loading machine code takes longer than it saves
EVERY = 0.2  # seconds between reports

Report = Callable[[int, int], None]
_LOG = logging.getLogger(__name__)


class FarthestFirst:
    """The state of one selection of `size` rows; `run` drives it.

    `rows` (N, D) float16, float32 or float64, finite; `bound` (N,) float64 is updated in place; `picks` come first.
    With `scratch` the codes are stored there, and the pages of its arrays (possibly `rows`) are released after use.
    """

    def __init__(
        self, rows: Tensor, bound: Tensor, picks: list[int], size: int, report: Report | None,
        scratch: Scratch | None = None,
    ) -> None:  # fmt: skip
        self.rows, self.bound, self.size, self.report = rows, bound, size, report
        self.resident = Resident(scratch)
        self.reported = time.monotonic()
        device = rows.device
        self.native = device.type == "cpu" and rows.numel() * size > EAGER_WORK and _machine_code()
        self.sketch = sketch(rows, self.resident)
        width = self.sketch.codes.shape[1]
        self.fused = self.native and _fused(width)
        self.block_rows = max(256, min(8 * BLOCK_ROWS, WORK // width)) if self.fused else BLOCK_ROWS
        self.workers = torch.get_num_threads() if self.fused and scratch is None else 1
        self.product = fastest_product(self.sketch.codes.shape[1], device)
        self.seen = torch.zeros(len(rows), dtype=torch.int32, device=device)
        self.visited = torch.zeros(len(rows), dtype=torch.int32, device=device)
        self.cell: Tensor | None = None  # (N,) int8 once there are CELLS picks
        self.near = torch.zeros(CELLS, CELLS, dtype=torch.bool)
        self.picks = torch.zeros(size, dtype=torch.int64, device=device)
        self.pick_rows = rows.new_zeros(size + 1, rows.shape[1])  # the last row stays empty
        self.pick_sketch = Sketch.empty(size + 1, rows.shape[1], self.sketch.enlarge, device)
        self.count = 0
        self._add(torch.tensor(picks, dtype=torch.int64, device=device))

    def run(self) -> np.ndarray:
        """The picks in order, (size,) int64."""
        level, share = math.inf, 0.8
        while self.count < self.size:
            highest = float(self.bound.max())
            if highest == 0:  # all remaining rows equal a pick
                self._add_copies()
                break
            strongest = self._strongest(min(level, highest) * share)
            while not len(strongest.rows):  # the radius is below the level, and all bounds above it are exact now
                strongest = self._strongest(float(self.bound.max()) * share)
            share = min(0.9995, share**0.7) if strongest.crowded else max(0.3, share**1.2)
            level = strongest.level
            self._compete(strongest)
            self._tick()
        if self.report is not None:
            self.report(self.size, self.size)
        return self.picks.cpu().numpy()

    def _add(self, picks: Tensor) -> None:
        self.picks[self.count : self.count + len(picks)] = picks
        self.pick_rows[self.count : self.count + len(picks)] = self.resident.take(self.rows, picks)
        numbers = self.sketch.numbers[:, picks]
        self.pick_sketch.put(self.count, self.resident.take(self.sketch.codes, picks), numbers)
        self.bound[picks] = -1.0
        self.count += len(picks)

    def _add_copies(self) -> None:
        for first in range(0, len(self.rows), AT_ONCE):
            copies = (self.bound[first : first + AT_ONCE] == 0).nonzero()[: self.size - self.count, 0]
            self._add(first + copies)

    def _tick(self) -> None:
        if self.report is not None and time.monotonic() - self.reported > EVERY:
            self.report(self.count, self.size)
            self.reported = time.monotonic()

    def _strongest(self, level: float) -> Strongest:
        """The rows whose exact bound is at least `level`, or a higher level if there are too many."""
        strongest = Strongest(self.bound.new_empty(0, dtype=torch.int64), level)
        for first in range(0, len(self.rows), AT_ONCE):
            part = self.bound[first : first + AT_ONCE]
            candidates = (part >= strongest.level).nonzero()[:, 0] + first
            self._bring_up_to_date(candidates[self.seen[candidates] < self.count], strongest.level)
            strongest = strongest.joined(candidates[self.bound[candidates] >= strongest.level], self.bound, SURVIVORS)
        return strongest

    def _bring_up_to_date(self, stale: Tensor, level: float) -> None:
        """Compare rows with the picks they have not been compared with, each until its bound is below `level`."""
        if self.native and self.count >= CELLS and len(stale):
            self._update_from_near_cells(stale, level)
            stale = stale[self.bound[stale] >= level]
        stale = stale[self.seen[stale].argsort(stable=True)]

        def update(block: Tensor) -> None:
            start = self.seen[block]
            first = int(start[0])
            until = self._update(block, start - first, torch.arange(first, self.count, device=block.device), level)
            self.seen[block] = until + first

        self._in_blocks(update, stale, self.block_rows)

    def _in_blocks(self, work: Callable[[Tensor], None], indices: Tensor, most: int) -> None:
        """Call `work` on blocks of at most `most` of the rows (n,), in parallel if there are several workers."""
        if not len(indices):
            return
        step = most if self.workers == 1 else max(LEAST_ROWS, min(most, -(-len(indices) // (2 * self.workers))))
        for _ in in_threads(work, indices.split(step), self.workers):
            self._tick()

    def _update_from_near_cells(self, stale: Tensor, level: float) -> None:
        """Compare rows with the new picks in the cells around theirs."""
        if self.cell is None:
            self.cell = self._cells()
        cells = self.cell[stale].long()
        order = (cells * (self.count + 1) + self.visited[stale]).argsort(stable=True)
        picked = self.cell[self.picks[: self.count]]
        if self.fused:
            self._in_blocks(lambda block: self._update_near(block, picked, level), stale[order], 4 * self.block_rows)
            return
        sizes = cells.bincount(minlength=CELLS).tolist()
        for cell, rows in enumerate(stale[order].split(sizes)):
            if not len(rows):
                continue
            first = int(self.visited[rows[0]])
            columns = self.near[cell][picked[first:].long()].nonzero()[:, 0] + first
            after = torch.cat([columns, columns.new_full((1,), self.count)]).int()  # the next pick, by column
            for block in rows.split(self.block_rows):
                start = torch.searchsorted(after, self.visited[block])
                until = self._update(block, start.int(), columns, level)
                self.visited[block] = after[until.long()]

    def _cells(self) -> Tensor:
        centres = self.pick_rows[:CELLS].float()
        self.near.scatter_(1, torch.cdist(centres, centres).argsort(dim=1)[:, :NEAR], True)
        cells = self.bound.new_empty(len(self.rows), dtype=torch.int8)  # small temporaries would fragment the heap
        for first, block in self.resident.blocks(self.rows):
            cells[first : first + len(block)] = torch.cdist(block.float(), centres).argmin(dim=1)
        return cells

    def _at_hand(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows and codes for random access, and the positions of `indices` among them."""
        if self.resident.scratch is None:
            return self.rows, self.sketch.codes, indices
        rows, codes = (self.resident.take(stored, indices) for stored in (self.rows, self.sketch.codes))
        return rows, codes, torch.arange(len(indices))

    def _update_near(self, indices: Tensor, picked: Tensor, level: float) -> None:
        from patchcore_core.model.exact.fused import update_near

        assert self.cell is not None
        rows, codes, places = self._at_hand(indices)
        ours = tuple(map(readable, (rows, codes, self.sketch.numbers, self.bound)))
        picks = tuple(map(readable, (self.pick_rows, self.pick_sketch.codes, self.pick_sketch.numbers)))
        cells = readable(self.cell), readable(picked)
        arrays = map(readable, (self.near, self.visited, indices, places))
        update_near(ours, picks, cells, *arrays, level, self.sketch.enlarge)

    def _update(self, indices: Tensor, start: Tensor, columns: Tensor, level: float) -> Tensor:
        """Update the bounds of rows `indices` by picks `columns`, from column `start` (n,), ascending, on.

        A row is dropped once it is below `level`. Returns (n,) int32: the first column it was not compared with.
        """
        rows, codes, places = self._at_hand(indices)
        until = start.clone()
        if self.fused:
            from patchcore_core.model.exact.fused import update

            ours = tuple(map(readable, (rows, codes, self.sketch.numbers, self.bound)))
            picks = tuple(map(readable, (self.pick_rows, self.pick_sketch.codes, self.pick_sketch.numbers)))
            update(ours, picks, *map(readable, (columns, indices, places, until)), level, self.sketch.enlarge)
            return until
        codes, first = codes.index_select(0, places), int(start[0])
        numbers, alive = self.sketch.numbers.index_select(1, indices), torch.arange(len(indices), device=rows.device)
        while first < len(columns) and len(alive):
            last = min(first + BLOCK_PICKS, len(columns))
            some = torch.nn.functional.pad(columns[first:last], (0, -(last - first) % 64), value=self.size)
            bound = self.bound[indices]
            self._tighten(codes, rows, places, numbers, bound, some)
            self.bound[indices] = bound
            until[alive] = until[alive].clamp_(min=last)
            staying = (bound >= level).nonzero()[:, 0]
            if len(staying) < len(indices):
                alive, indices, places = alive[staying], indices[staying], places[staying]
                codes, numbers = codes.index_select(0, staying), numbers.index_select(1, staying)
            first = last
            self._tick()
        return until

    def _tighten(
        self, codes: Tensor, rows: Tensor, places: Tensor, ours: Tensor, bound: Tensor, columns: Tensor
    ) -> None:
        theirs = self.pick_sketch.numbers.index_select(1, columns)  # (3, m)
        dots = self.product(codes, self.pick_sketch.codes.index_select(0, columns))  # (n, m)
        arrays = (dots, rows, places, ours, bound, self.pick_rows, columns, theirs)
        if self.native:
            from patchcore_core.model.exact import native

            native.tighten(*(readable(array) for array in arrays), self.sketch.enlarge)
        else:
            eager.tighten(*arrays, self.sketch.enlarge)

    def _compete(self, strongest: Strongest) -> None:
        """Plain farthest-first among the candidates, while its picks are certain."""
        survivors = strongest.rows
        rows = self.resident.take(self.rows, survivors).cpu()
        rows = rows.float() if rows.dtype == torch.float16 else rows
        distance = self.bound[survivors].cpu().numpy()
        seen = np.zeros(len(survivors), dtype=np.int32)
        if self.native:
            from patchcore_core.model.exact.native import compete
        else:
            from patchcore_core.model.exact.eager import compete
        chosen = compete(
            rows.numpy(), survivors.cpu().numpy(), distance, seen, strongest.level, strongest.first_tied,
            self.size - self.count,
        )  # fmt: skip
        device = survivors.device
        self.bound[survivors] = torch.from_numpy(distance).to(device)
        self.seen[survivors] = self.count + torch.from_numpy(seen).to(device)
        self._add(survivors[torch.from_numpy(chosen).to(device)])


@cache
def _machine_code() -> bool:
    """Whether numba can compile here."""
    try:
        from patchcore_core.model.exact import native

        native.squared_distance(np.zeros(8), np.zeros(8))
        return True
    except Exception as error:  # numba is missing, or fails in one of its many ways
        _LOG.warning("The coreset is slower here, since no machine code can be made: %s", error)
        return False


def _fused(width: int) -> bool:
    from patchcore_core.model.exact import fused

    return fused.available(width)

"""Farthest-first selection in lazy rounds: exact, with a small part of the plain algorithm's work.

Each row keeps `bound`, its exact squared distance to the nearest of the first `seen` picks and maybe of some later
ones: an upper bound of its distance to all, since distances to a growing set only shrink. A round takes a level a
little below the current radius and looks only at rows whose bound reaches it. They are shown the picks they have
not seen, the likely near ones first, and are left as soon as their bound is below the level. The few that remain,
all up to date, run the plain algorithm among themselves; every other row is below the level, so as long as the
farthest of them is not, it is the farthest row of all.

Near picks first: rows and picks belong to the cell of the nearest of the first CELLS picks, and a row is first shown
the picks of the NEAR cells around its own. `visited` counts the picks for which that is done.

Showing is a product of int8 sketches that tells, by the bound (*) of `exact/__init__.py`, which pairs can change
anything; their distances are then computed in float64 from differences. So the picks are those of plain farthest-first
in float64 with distances `((x - y) ** 2).sum()`, the lowest index on ties, bit for bit, whatever the level, the cells
and the block sizes, which only decide how much work there is.

Memory beside the rows: for each of them D' bytes of codes, D' = D rounded up to a multiple of 8, in scratch if there
is any, and 29 bytes (bound 8, seen and visited 4 each, cell 1, scale, norm and error 12); for each pick D' + 20
bytes and its row; and blocks of some MiB.
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

SURVIVORS = 768  # rows that compete in one round
BLOCK_ROWS, BLOCK_PICKS = 1024, 256  # one product
LEAST_ROWS = 1024  # that are worth a thread
AT_ONCE = 2**18  # rows looked at together
WORK = 2**21  # values of the codes of rows that one call of the kernel takes
CELLS, NEAR = 64, 4
EAGER_WORK = 2 * 10**9  # rows x picks x dimension up to which loading machine code takes longer than it saves
EVERY = 0.2  # seconds between reports

Report = Callable[[int, int], None]
_LOG = logging.getLogger(__name__)


class FarthestFirst:
    """The state of one selection of `size` rows; `run` drives it.

    `rows` (N, D) float16, float32 or float64, finite; `bound` (N,) float64 is lowered in place; `picks` come first.
    With `scratch` the codes lie there, and the pages of its arrays, `rows` maybe among them, are given back.
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
        self.pick_rows = rows.new_zeros(size + 1, rows.shape[1])  # the last place stays empty
        self.pick_sketch = Sketch.empty(size + 1, rows.shape[1], self.sketch.enlarge, device)
        self.count = 0
        self._add(torch.tensor(picks, dtype=torch.int64, device=device))

    def run(self) -> np.ndarray:
        """The picks in order, (size,) int64."""
        level, share = math.inf, 0.8
        while self.count < self.size:
            highest = float(self.bound.max())
            if highest == 0:  # only copies of picks are left
                self._add_copies()
                break
            strongest = self._strongest(min(level, highest) * share)
            while not len(strongest.rows):  # the radius was below the level: all bounds above it are exact now
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
        """The rows whose up-to-date squared distance reaches `level`, or a higher level where they are many."""
        strongest = Strongest(self.bound.new_empty(0, dtype=torch.int64), level)
        for first in range(0, len(self.rows), AT_ONCE):
            part = self.bound[first : first + AT_ONCE]
            candidates = (part >= strongest.level).nonzero()[:, 0] + first
            self._bring_up_to_date(candidates[self.seen[candidates] < self.count], strongest.level)
            strongest = strongest.joined(candidates[self.bound[candidates] >= strongest.level], self.bound, SURVIVORS)
        return strongest

    def _bring_up_to_date(self, stale: Tensor, level: float) -> None:
        """Show rows the picks they have not seen, leaving each as soon as it is below `level`."""
        if self.native and self.count >= CELLS and len(stale):
            self._visit_near_cells(stale, level)
            stale = stale[self.bound[stale] >= level]
        stale = stale[self.seen[stale].argsort(stable=True)]

        def show(block: Tensor) -> None:
            start = self.seen[block]
            first = int(start[0])
            until = self._show(block, start - first, torch.arange(first, self.count, device=block.device), level)
            self.seen[block] = until + first

        self._in_blocks(show, stale, self.block_rows)

    def _in_blocks(self, work: Callable[[Tensor], None], indices: Tensor, most: int) -> None:
        """`work` on rows (n,), each once, in blocks of at most so many; several at once where each takes one thread."""
        if not len(indices):
            return
        step = most if self.workers == 1 else max(LEAST_ROWS, min(most, -(-len(indices) // (2 * self.workers))))
        for _ in in_threads(work, indices.split(step), self.workers):
            self._tick()

    def _visit_near_cells(self, stale: Tensor, level: float) -> None:
        """Show rows the unseen picks of the cells around theirs."""
        if self.cell is None:
            self.cell = self._cells()
        cells = self.cell[stale].long()
        order = (cells * (self.count + 1) + self.visited[stale]).argsort(stable=True)
        picked = self.cell[self.picks[: self.count]]
        if self.fused:
            self._in_blocks(lambda block: self._show_near(block, picked, level), stale[order], 4 * self.block_rows)
            return
        sizes = cells.bincount(minlength=CELLS).tolist()
        for cell, rows in enumerate(stale[order].split(sizes)):
            if not len(rows):
                continue
            first = int(self.visited[rows[0]])
            columns = self.near[cell][picked[first:].long()].nonzero()[:, 0] + first
            after = torch.cat([columns, columns.new_full((1,), self.count)]).int()  # what is unseen after a column
            for block in rows.split(self.block_rows):
                start = torch.searchsorted(after, self.visited[block])
                until = self._show(block, start.int(), columns, level)
                self.visited[block] = after[until.long()]

    def _cells(self) -> Tensor:
        centres = self.pick_rows[:CELLS].float()
        self.near.scatter_(1, torch.cdist(centres, centres).argsort(dim=1)[:, :NEAR], True)
        cells = self.bound.new_empty(len(self.rows), dtype=torch.int8)  # small results in between would split the heap
        for first, block in self.resident.blocks(self.rows):
            cells[first : first + len(block)] = torch.cdist(block.float(), centres).argmin(dim=1)
        return cells

    def _at_hand(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows and codes that can be read at will, and where among them those at `indices` are."""
        if self.resident.scratch is None:
            return self.rows, self.sketch.codes, indices
        rows, codes = (self.resident.take(stored, indices) for stored in (self.rows, self.sketch.codes))
        return rows, codes, torch.arange(len(indices))

    def _show_near(self, indices: Tensor, picked: Tensor, level: float) -> None:
        from patchcore_core.model.exact.fused import show_near

        assert self.cell is not None
        rows, codes, places = self._at_hand(indices)
        ours = tuple(map(readable, (rows, codes, self.sketch.numbers, self.bound)))
        picks = tuple(map(readable, (self.pick_rows, self.pick_sketch.codes, self.pick_sketch.numbers)))
        cells = readable(self.cell), readable(picked)
        arrays = map(readable, (self.near, self.visited, indices, places))
        show_near(ours, picks, cells, *arrays, level, self.sketch.enlarge)

    def _show(self, indices: Tensor, start: Tensor, columns: Tensor, level: float) -> Tensor:
        """Make the bounds of rows `indices` exact for picks `columns` of the order, from the ascending `start` (n,) on.

        A row is left when it is below `level`. Returns (n,) int32: the first columns not shown.
        """
        rows, codes, places = self._at_hand(indices)
        until = start.clone()
        if self.fused:
            from patchcore_core.model.exact.fused import show

            ours = tuple(map(readable, (rows, codes, self.sketch.numbers, self.bound)))
            picks = tuple(map(readable, (self.pick_rows, self.pick_sketch.codes, self.pick_sketch.numbers)))
            show(ours, picks, *map(readable, (columns, indices, places, until)), level, self.sketch.enlarge)
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
        """Plain farthest-first among the strongest while it is certain."""
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
    """Whether it can be made here."""
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

"""Farthest-first selection in lazy rounds: exact, with a small part of the plain algorithm's work.

Each row keeps `bound`, its exact squared distance to the nearest of the first `seen` picks and maybe of some later
ones: an upper bound of its distance to all, since distances to a growing set only shrink. A round takes a level a
little below the current radius and looks only at rows whose bound reaches it. They are shown the picks they have
not seen, the likely near ones first, and are left as soon as their bound is below the level. The few that remain,
all up to date, run the plain algorithm among themselves; every other row is below the level, so as long as the
farthest of them is not, it is the farthest row of all.

Near picks first: rows and picks belong to the cell of the nearest of the first CELLS picks, and a row is first shown
the picks of the NEAR cells around its own. `visited` counts the picks for which that is done.

Showing is a product of int8 sketches that tells, by the bound proven in sketch.py, which pairs can change anything;
their distances are then computed in float64 from differences. So the picks are those of plain farthest-first in
float64 with distances `((x - y) ** 2).sum()`, the lowest index on ties, bit for bit, whatever the level, the cells
and the block sizes, which only decide how much work there is.

Memory beside the rows: D + 44 bytes for each of N rows and D + 30 for each pick, and blocks of a few MiB.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from patchcore_core.model import eager
from patchcore_core.model.sketch import Sketch, fastest_product, sketch

SURVIVORS = 768  # rows that compete in one round
BLOCK_ROWS, BLOCK_PICKS = 1024, 256  # one product
CELLS, NEAR = 64, 4
SMALL = 2 * 10**9  # rows x picks x dimension up to which loading machine code takes longer than it saves
EVERY = 0.2  # seconds between reports

Report = Callable[[int, int], None]


class FarthestFirst:
    """The state of one selection of `size` rows; `run` drives it.

    `rows` (N, D) float32 or float64, finite; `bound` (N,) float64 is lowered in place; `picks` come first.
    """

    def __init__(self, rows: Tensor, bound: Tensor, picks: list[int], size: int, report: Report | None) -> None:
        self.rows, self.bound, self.size, self.report = rows, bound, size, report
        self.reported = time.monotonic()
        device = rows.device
        self.native = device.type == "cpu" and rows.numel() * size > SMALL
        self.sketch = sketch(rows)
        self.product = fastest_product(self.sketch.codes.shape[1], device)
        self.seen = torch.zeros(len(rows), dtype=torch.int64, device=device)
        self.visited = torch.zeros(len(rows), dtype=torch.int64, device=device)
        self.cell: Tensor | None = None  # (N,) once there are CELLS picks
        self.near = torch.zeros(CELLS, CELLS, dtype=torch.bool)
        self.picks = torch.zeros(size + 1, dtype=torch.int64, device=device)  # the last place stays empty
        self.pick_sketch = Sketch.empty(size + 1, rows.shape[1], self.sketch.enlarge, device)
        self.count = 0
        self._add(torch.tensor(picks, dtype=torch.int64, device=device))

    def run(self) -> np.ndarray:
        """The picks in order, (size,) int64."""
        level, share = math.inf, 0.8
        while self.count < self.size:
            highest = float(self.bound.max())
            if highest == 0:  # only copies of picks are left
                self._add((self.bound == 0).nonzero()[: self.size - self.count, 0])
                break
            level = min(level, highest) * share
            survivors = self._survivors(level)
            while not len(survivors):  # the radius was below the level: all bounds above it are exact now
                level = float(self.bound.max()) * share
                survivors = self._survivors(level)
            share = min(0.9995, share**0.7) if len(survivors) > SURVIVORS else max(0.3, share**1.2)
            level = self._compete(survivors, level)
            self._tick()
        if self.report is not None:
            self.report(self.size, self.size)
        return self.picks[: self.size].cpu().numpy()

    def _add(self, picks: Tensor) -> None:
        self.picks[self.count : self.count + len(picks)] = picks
        self.pick_sketch.put(self.count, self.sketch, picks)
        self.bound[picks] = -1.0
        self.count += len(picks)

    def _tick(self) -> None:
        if self.report is not None and time.monotonic() - self.reported > EVERY:
            self.report(self.count, self.size)
            self.reported = time.monotonic()

    def _survivors(self, level: float) -> Tensor:
        """Indices, ascending, of the rows whose up-to-date squared distance reaches `level`."""
        candidates = (self.bound >= level).nonzero()[:, 0]
        stale = candidates[self.seen[candidates] < self.count]
        if self.native and self.count >= CELLS and len(stale):
            stale = self._visit_near_cells(stale, level)
        stale = stale[self.seen[stale].argsort(stable=True)]
        for block in stale.split(BLOCK_ROWS):
            self._visit_all(block, level)
        return candidates[self.bound[candidates] >= level]

    def _visit_near_cells(self, stale: Tensor, level: float) -> Tensor:
        """Show rows the unseen picks of the cells around theirs; those whose bound still reaches `level`."""
        if self.cell is None:
            centres = self.rows[self.picks[:CELLS]]
            self.cell = torch.cat([torch.cdist(block, centres).argmin(dim=1) for block in self.rows.split(4096)])
            self.near.scatter_(1, torch.cdist(centres, centres).argsort(dim=1)[:, :NEAR], True)
        cells = self.cell[stale]
        sizes = cells.bincount(minlength=CELLS).tolist()
        pick_cell = self.cell[self.picks[: self.count]]
        kept = []
        for cell, rows in enumerate(stale[cells.argsort(stable=True)].split(sizes)):
            if not len(rows):
                continue
            first = int(self.visited[rows].min())
            columns = self.near[cell][pick_cell[first:]].nonzero()[:, 0] + first
            for block in rows.split(BLOCK_ROWS):
                for some in columns.split(4 * BLOCK_PICKS) if len(columns) else ():
                    self._show(block, some)
                self.visited[block] = self.count
                kept.append(block)
        stale = torch.cat(kept)
        return stale[self.bound[stale] >= level]

    def _visit_all(self, block: Tensor, level: float) -> None:
        """Show rows the picks they have not seen, leaving each as soon as it is below `level`."""
        first = int(self.seen[block].min()) if len(block) else self.count
        while first < self.count and len(block):
            last = min(first + BLOCK_PICKS, self.count)
            self._show(block, torch.arange(first, last, device=block.device))
            self.seen[block] = self.seen.index_select(0, block).clamp_(min=last)
            block = block[self.bound.index_select(0, block) >= level]
            first = last

    def _show(self, indices: Tensor, columns: Tensor) -> None:
        """Make the bounds of rows `indices` exact for the picks at `columns` of the order."""
        spare = -len(columns) % 64  # few widths: a product is prepared once for each
        columns = torch.nn.functional.pad(columns, (0, spare), value=self.size)
        codes, *theirs = (part.index_select(0, columns) for part in self.pick_sketch.tensors())
        our_codes, *ours = self.sketch.tensors()
        dots = self.product(our_codes.index_select(0, indices), codes)  # (n, m)
        arrays = (dots, indices, self.rows, self.picks.index_select(0, columns), self.bound)
        if self.native:
            from patchcore_core.model import native

            groups = (tuple(part.numpy() for part in numbers) for numbers in (ours, theirs))
            native.tighten(*(part.numpy() for part in arrays), *groups, self.sketch.enlarge)
        else:
            eager.tighten(*arrays, ours, theirs, self.sketch.enlarge)
        self._tick()

    def _compete(self, survivors: Tensor, level: float) -> float:
        """Plain farthest-first among the survivors while it is certain; returns the level reached."""
        survivors, level, first_tied = _strongest(survivors, self.bound[survivors], level)
        rows, distance = self.rows[survivors].cpu().numpy(), self.bound[survivors].cpu().numpy()
        seen = np.zeros(len(survivors), dtype=np.int64)
        if self.native:
            from patchcore_core.model.native import compete
        else:
            from patchcore_core.model.eager import compete
        chosen = compete(
            rows, survivors.cpu().numpy(), distance, seen, level, first_tied, self.size - self.count
        )
        device = survivors.device
        self.bound[survivors] = torch.from_numpy(distance).to(device)
        self.seen[survivors] = self.count + torch.from_numpy(seen).to(device)
        self._add(survivors[torch.from_numpy(chosen).to(device)])
        return level


def _strongest(survivors: Tensor, distance: Tensor, level: float) -> tuple[Tensor, float, int]:
    """At most SURVIVORS of them, the level they stay certain above, and the lowest index left out at it."""
    none_left_out = 2**62
    if len(survivors) <= SURVIVORS:
        return survivors, level, none_left_out
    level = float(distance.kthvalue(len(distance) - SURVIVORS + 1).values)
    above, tied = (distance > level).nonzero()[:, 0], (distance == level).nonzero()[:, 0]
    room = SURVIVORS - len(above)
    kept = torch.cat([above, tied[:room]]).sort().values
    return survivors[kept], level, int(survivors[tied[room]]) if room < len(tied) else none_left_out

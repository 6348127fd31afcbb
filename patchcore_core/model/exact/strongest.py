"""The candidates of one round of farthest-first selection."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Strongest:
    """The candidates: rows (indices, ascending) with bounds of at least `level`. All other rows are below the level, or
    at it with an index of at least `first_tied`."""

    rows: Tensor
    level: float
    first_tied: int = 2**62
    crowded: bool = False  # there were too many, so the level was raised

    def joined(self, rows: Tensor, bound: Tensor, most: int) -> Strongest:
        """With more `rows`, of higher indices, that reach the level; at most `most` in total."""
        rows = torch.cat([self.rows, rows])
        if len(rows) <= most:
            return replace(self, rows=rows)
        distance = bound[rows]
        level = float(distance.kthvalue(len(distance) - most + 1).values)
        above, tied = (distance > level).nonzero()[:, 0], (distance == level).nonzero()[:, 0]
        room = most - len(above)
        kept = torch.cat([above, tied[:room]]).sort().values
        first_tied = self.first_tied if level == self.level else 2**62
        if room < len(tied):
            first_tied = min(first_tied, int(rows[tied[room]]))
        return Strongest(rows[kept], level, first_tied, True)

"""`label`: what people call runs and how they sort them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from patchcore_core.cli.output import print_answer
from patchcore_core.cli.reviewed import author_of
from patchcore_core.codec import plain
from patchcore_core.data.images import shown
from patchcore_core.errors import ConfigError
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.runs.store import RunStore


def label(args: argparse.Namespace) -> int:
    """Change the labels of runs where options ask for it, and print them."""
    store = RunStore(args.runs)
    found, labels = [store.get(run_id) for run_id in dict.fromkeys(args.run)], RunLabelsOf(store.root)
    given = {"name": args.name, "note": args.note, "star": args.star, "archived": args.archive}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if len(found) > 1 and changes.get("name"):
        raise ConfigError("several runs cannot have one name; name them one by one, or give them a tag")
    now = []
    for run in found:
        before = labels.current(run.id)
        tags = _tags(before, args.tag, args.untag)
        wanted = changes | ({} if tags == before.tagged else {"tags": tags})
        now.append(labels.change(run.id, author_of(args.author), **wanted) if wanted else before)
    print_answer(args, [plain(one) | {"tags": list(one.tagged)} for one in now], [_line(one) for one in now])
    return 0


def _tags(before: RunLabels, more: Sequence[str], less: Sequence[str]) -> tuple[str, ...]:
    gone = {tag.strip() for tag in less}
    return tuple(dict.fromkeys(tag for tag in (*before.tagged, *(one.strip() for one in more)) if tag not in gone))


def _line(one: RunLabels) -> str:
    parts = [one.name, "★" if one.star else "", f"[{one.tags}]" if one.tags else "", one.note,
             "archived" if one.archived else ""]  # fmt: skip
    return shown(f"{one.run}  {'  '.join(filter(None, parts)) or 'no labels'}")

"""Numbers and runs as text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from patchcore_core.data.images import shown
from patchcore_core.runs.folder import damaged
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import rough
from patchcore_core.views.figure_names import LOWER_IS_BETTER as LOWER_IS_BETTER
from patchcore_core.views.figure_names import METRIC_NAMES as METRIC_NAMES
from patchcore_core.views.run_names import differing, more, name_of, names_of, scales_words
from patchcore_core.views.text import interval_text, score_text

TABLE_COLUMNS = (
    "category", "status", "warnings", "backbone", "layers", "coreset", "differs", "image_auroc", "image_recall",
    "image_false_alarm_rate", "threshold", "pixel_auroc", "aupro", "tested", "image_size", "scales", "input",
    "left_out", "taught",
    "fit_seconds", "bank_rows", "bank_bytes", "created", "run",
)  # fmt: skip


def number(value: float | None, digits: int = 3) -> str:
    """`0.987`, or an em dash where there is no number."""
    return "—" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def interval(limits: Sequence[float] | None) -> str:
    """`[0.94, 0.98]`, see `interval_text`; "" if there is none."""
    return interval_text(limits)


def with_interval(value: float | None, limits: Sequence[float] | None) -> str:
    """`0.963 [0.94, 0.98]`, the number alone where it has no interval."""
    return f"{number(value)} {interval(limits)}".strip()


def duration(seconds: float | None) -> str:
    """`0.4 s`, `38 s`, `2 min 05 s`, `1 h 12 min`; an em dash where unknown."""
    if seconds is None or math.isnan(seconds):
        return "—"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02d} min" if hours else f"{minutes} min {rest:02d} s"


def size(count: float | None) -> str:
    """Bytes in the nearest decimal unit: `1.2 MB`; an em dash where unknown."""
    if count is None or math.isnan(count):
        return "—"
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def rough_size(count: float) -> str:
    """Bytes as an estimate: `0.5 GB`, `190 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 3e8 else f"{round(count / 1e7) * 10} MB"


def shortened(text: str, most: int) -> str:
    """The text if it has at most `most` characters, else its beginning, an ellipsis and its last 12."""
    return text if len(text) <= most else f"{text[:most - 13]}…{text[-12:]}"


def when(iso: str) -> str:
    """An ISO time in the local time zone: `2025-03-01 14:05`; other text unchanged."""
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return iso


def seconds_since(iso: str) -> float:
    """Seconds since an ISO time, NaN for other text."""
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(iso)).total_seconds()
    except (ValueError, TypeError):
        return math.nan


def time_left(seconds: float) -> str:
    """`about 20 s left`; the last seconds are `a few seconds left`."""
    return f"about {rough(seconds)} left" if seconds >= 7.5 else "a few seconds left"


def run_label(run: Run, among: Sequence[Run] = ()) -> str:
    """One line for a run in lists: category, settings, size, what tells it from like runs among those listed, time, end
    of its id. Unique, as Streamlit identifies options by their label."""
    if run.broken:
        return f"{run.id} (unreadable)"
    name = name_of(run.config, [other.config for other in among if like(other, run)])
    return f"{shown(run.category)} · {_labelled(run, name)}"


def run_labels(
    runs: Sequence[Run], category: bool = True, called: Mapping[str, str] | None = None
) -> list[str]:
    """`run_label` of each run among all of them, in time that grows with their number alone; without the category where
    they stand below it. called: run id -> what people call it, which comes before the settings."""
    names: dict[str, str] = {}
    for group in _by_category(runs).values():
        names |= dict(zip((run.id for run in group), names_of([run.config for run in group]), strict=True))
    below = [run_label(run) if run.broken else _labelled(run, names[run.id]) for run in runs]
    below = [f"{shown(name)} · {label}" if (name := (called or {}).get(run.id)) else label
             for run, label in zip(runs, below, strict=True)]
    return [f"{shown(run.category)} · {label}" if category and not run.broken else label
            for run, label in zip(runs, below, strict=True)]


def _labelled(run: Run, name: str) -> str:
    less = f" · {without(run)}" if run.excluded else ""
    less += f" · {taught(run)}" if run.taught else ""
    return f"{name}{less} · {when(run.created_at)} · {run.id[-4:]}"


def _by_category(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs that can be read."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if not run.broken:
            groups.setdefault(run.category, []).append(run)
    return groups


def like(other: Run, run: Run) -> bool:
    """Whether both are of one category and can be read, so that what differs in their settings tells them apart."""
    return not other.broken and not run.broken and other.category == run.category


def without(run: Run) -> str:
    """`without 1 photo`: the number excluded from the fit on request."""
    return f"without {len(run.excluded)} photo{'' if len(run.excluded) == 1 else 's'}"


def taught(run: Run) -> str:
    """`1 photo taught`: the number added to the memory bank of earlier runs."""
    return f"{len(run.taught)} photo{'' if len(run.taught) == 1 else 's'} taught"


def taught_lines(run: Run) -> list[str]:
    """A line for each photo that was taught, with its image score before and after where this run has taught it."""
    known = {name: f": image score {score_text(was)} before, {score_text(now)} after"
             for name, (was, now) in run.taught_scores.items()}
    return [f"{shown(name)}{known.get(name, '')}" for name in run.taught]


def runs_table(runs: Sequence[Run], thresholds: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row per run with the columns of Overview, numbers as numbers so that they sort.

    thresholds: run id -> the image threshold in use and how it was set. Only where needed: `differs` (further settings
    in which runs of a category differ), `tested` (a run that has not both good and defective test images), `left_out`
    (photos excluded on request), `taught` (photos added to the memory bank of an earlier run), `scales` (more than
    one), `input` (not the square of the image size).
    """
    apart = {category: differing([run.config for run in group]) for category, group in _by_category(runs).items()}
    rows = [_table_row(run, apart.get(run.category, []), thresholds or {}) for run in runs]
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    table["created"] = pd.to_datetime(table["created"], errors="coerce", utc=True, format="ISO8601")
    needed = {
        "differs": table["differs"].notna().any(), "threshold": bool(thresholds),
        "tested": any(run.status == "finished" and not run.broken and not lacks_nothing(run) for run in runs),
        "input": any(not run.broken and run.input_shape != (run.config.image_size,) * 2 for run in runs),
        "scales": table["scales"].notna().any(),
        "left_out": table["left_out"].notna().any(), "taught": table["taught"].notna().any(),
    }
    return table.drop(columns=[name for name, needs in needed.items() if not needs])


def lacks_nothing(run: Run) -> bool:
    """Whether the run was tested on good and on defective images."""
    return bool(run.counts.test_good and run.counts.test_defective)


def tested_words(run: Run) -> str:
    """The test images: `9 good, 16 defective`, `12 without label`, `none`."""
    numbers = {"good": run.counts.test_good, "defective": run.counts.test_defective,
               "without label": run.counts.test_unknown}
    return ", ".join(f"{number} {kind}" for kind, number in numbers.items() if number) or "none"


def _table_row(run: Run, apart: Sequence[str], thresholds: Mapping[str, str]) -> list[object]:
    known = not run.broken
    finished = known and run.status == "finished"
    return [
        shown(run.category),  # the browser takes no half characters
        "damaged" if damaged(run) else run.status,
        warnings_of(run) if finished else None,
        shown(run.config.backbone) if known else None,
        shown(" + ".join(run.config.layers)) if known else None,
        _coreset_percent(run) if known else None,
        " · ".join(more(run.config, apart)) or None if known else None,
        run.metrics.get("image_auroc"),
        run.metrics.get("image_recall"),
        run.metrics.get("image_false_alarm_rate"),
        thresholds.get(run.id) or None,
        run.metrics.get("pixel_auroc"),
        run.metrics.get("aupro"),
        tested_words(run) if finished else None,
        run.config.image_size if known else None,
        scales_words(run.config) or None if known else None,
        input_words(run) if known else None,
        len(run.excluded) or None,
        len(run.taught) or None,
        run.fit_seconds,
        run.bank.get("rows"),
        run.bank.get("bytes"),
        run.created_at,
        run.id,
    ]


def input_words(run: Run) -> str:
    """`512 x 208`: height and width of the network input, pixels."""
    return "{} x {}".format(*run.input_shape)


def warnings_of(run: Run) -> int:
    """Number of warnings, of badges and of the fit."""
    return sum(badge.level == "warning" for badge in run.badges) + len(fit_warnings(run))


def count_of_warnings(count: int) -> str:
    """`1 warning`, `2 warnings`."""
    return "1 warning" if count == 1 else f"{count} warnings"


def fit_warnings(run: Run) -> list[str]:
    """Warnings of the fit that no badge repeats, with paths relative to the dataset."""
    said = {badge.sentence for badge in run.badges if badge.level == "warning"}
    return [below(run.dataset, sentence) for sentence in run.warnings if sentence not in said]


def below(folder: Path | str, sentence: str) -> str:
    """The sentence with paths below the folder made relative to it, and the folder itself by its name."""
    root = shown(folder).rstrip("/")
    if not root:
        return sentence
    start = rf"(?<![^\s(]){re.escape(root)}"
    named = re.sub(rf"{start}(?=: )", lambda _: shown(Path(folder).name), sentence, count=1)
    return re.sub(rf"{start}/(?=\S)", "", named)


def _coreset_percent(run: Run) -> float:
    return 100.0 if run.config.sampler == "identity" else run.config.coreset_ratio * 100

"""Numbers and runs as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.images import shown
from patchcore_core.runs.folder import damaged
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import rough

METRIC_NAMES: dict[str, str] = {
    "image_auroc": "Image AUROC",
    "image_average_precision": "Image average precision",
    "image_f1_max": "Image F1-max",
    "image_fpr_at_95_tpr": "Image FPR at 95 % TPR",
    "image_tpr_at_fpr_0": "Image TPR at FPR 0",
    "image_tpr_at_fpr_1": "Image TPR at FPR 1 %",
    "image_partial_auroc": "Image partial AUROC (FPR ≤ 0.1)",
    "image_recall": "Recall at the default threshold",
    "image_false_alarm_rate": "False alarms at the default threshold",
    "pixel_auroc": "Pixel AUROC",
    "pixel_auroc_anomalous": "Pixel AUROC (anomalous images)",
    "pixel_average_precision": "Pixel average precision",
    "pixel_f1_max": "Pixel F1-max",
    "pixel_iou": "Pixel IoU (at the pixel threshold)",
    "pixel_f1": "Pixel F1 (at the pixel threshold)",
    "aupro": "AUPRO (FPR ≤ 0.3)",
    "aupro_0.05": "AUPRO (FPR ≤ 0.05)",
}
LOWER_IS_BETTER = ("image_fpr_at_95_tpr", "image_false_alarm_rate")


TABLE_COLUMNS = (
    "category", "status", "warnings", "backbone", "layers", "coreset", "image_auroc", "image_recall",
    "image_false_alarm_rate", "pixel_auroc", "aupro", "image_size", "scales", "input", "left_out",
    "fit_seconds", "bank_rows", "bank_bytes", "created", "run",
)  # fmt: skip


def number(value: float | None, digits: int = 3) -> str:
    """`0.987`, or an em dash where there is no number."""
    return "—" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def interval(limits: Sequence[float] | None) -> str:
    """`[0.94, 0.98]`, in three digits where two would hide its width; "" where there is none."""
    if limits is None or any(math.isnan(end) for end in limits):
        return ""
    low, high = limits
    digits = 2 if high - low >= 0.02 else 3
    return f"[{low:.{digits}f}, {high:.{digits}f}]"


def with_interval(value: float | None, limits: Sequence[float] | None) -> str:
    """`0.963 [0.94, 0.98]`, the number alone where it has no interval."""
    return f"{number(value)} {interval(limits)}".strip()


def percent(ratio: float) -> str:
    """A share in percent with no more digits than it needs: `10 %`, `0.5 %`."""
    return f"{ratio * 100:.4g} %"


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
    """The text where it has at most so many characters, else its beginning, an ellipsis and its last 12."""
    return text if len(text) <= most else f"{text[:most - 13]}…{text[-12:]}"


def when(iso: str) -> str:
    """An ISO time in this machine's zone: `2025-03-01 14:05`; the text itself where it is none."""
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return iso


def seconds_since(iso: str) -> float:
    """How long ago an ISO time was, NaN where it is none."""
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(iso)).total_seconds()
    except (ValueError, TypeError):
        return math.nan


def time_left(seconds: float) -> str:
    """`about 20 s left`; the last seconds are `a few seconds left`."""
    return f"about {rough(seconds)} left" if seconds >= 7.5 else "a few seconds left"


def settings(config: PatchCoreConfig) -> str:
    """What distinguishes a run at a glance: backbone, layers, several scales, coreset."""
    coreset = "all patches" if config.sampler == "identity" else percent(config.coreset_ratio)
    scales = f" · {scales_words(config)} px" if config.scales else ""
    return shown(f"{config.backbone} · {' + '.join(config.layers)}{scales} · {coreset}")


def scales_words(config: PatchCoreConfig) -> str:
    """`224 + 448`: the image sizes that have a memory bank each; "" where it is one."""
    return " + ".join(map(str, config.scales))


def run_label(run: Run) -> str:
    """One line that names a run in lists: category, settings, time, end of its id. No two runs share one: Streamlit
    tells the options of a list apart by what they look like."""
    if run.broken:
        return f"{run.id} (unreadable)"
    less = f" · {without(run)}" if run.excluded else ""
    return f"{shown(run.category)} · {settings(run.config)}{less} · {when(run.created_at)} · {run.id[-4:]}"


def without(run: Run) -> str:
    """`without 1 photo`: how many were left out of the fit on request."""
    return f"without {len(run.excluded)} photo{'' if len(run.excluded) == 1 else 's'}"


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """One row per run with the columns of the Overview, numbers as numbers so that they sort; `left_out`, the number
    of photos that were left out on request, only where some were, `scales` only where a run has several, and `input`,
    what the network sees, only where that is not the square of the image size for all of them."""
    table = pd.DataFrame([_table_row(run) for run in runs], columns=list(TABLE_COLUMNS))
    needed = {
        "input": any(not run.broken and run.input_shape != (run.config.image_size,) * 2 for run in runs),
        "scales": table["scales"].notna().any(),
        "left_out": table["left_out"].notna().any(),
    }
    return table.drop(columns=[name for name, needs in needed.items() if not needs])


def _table_row(run: Run) -> list[object]:
    known = not run.broken
    return [
        shown(run.category),  # the browser takes no half characters
        "damaged" if damaged(run) else run.status,
        warnings_of(run) if known and run.status == "finished" else None,
        shown(run.config.backbone) if known else None,
        shown(" + ".join(run.config.layers)) if known else None,
        _coreset_percent(run) if known else None,
        run.metrics.get("image_auroc"),
        run.metrics.get("image_recall"),
        run.metrics.get("image_false_alarm_rate"),
        run.metrics.get("pixel_auroc"),
        run.metrics.get("aupro"),
        run.config.image_size if known else None,
        scales_words(run.config) or None if known else None,
        input_words(run) if known else None,
        len(run.excluded) or None,
        run.fit_seconds,
        run.bank.get("rows"),
        run.bank.get("bytes"),
        pd.to_datetime(run.created_at, errors="coerce", utc=True),
        run.id,
    ]


def input_words(run: Run) -> str:
    """`512 x 208`: height and width of what the network sees, pixels."""
    return "{} x {}".format(*run.input_shape)


def warnings_of(run: Run) -> int:
    """How many things a reader of its figures is warned of: by badges and by the fit."""
    return sum(badge.get("level") == "warning" for badge in run.badges) + len(fit_warnings(run))


def count_of_warnings(count: int) -> str:
    """`1 warning`, `2 warnings`."""
    return "1 warning" if count == 1 else f"{count} warnings"


def fit_warnings(run: Run) -> list[str]:
    """What its fit warned of and no badge says in the same words, with paths as they are called in its data set."""
    said = {badge.get("sentence") for badge in run.badges if badge.get("level") == "warning"}
    return [below(run.dataset, sentence) for sentence in run.warnings if sentence not in said]


def below(folder: Path | str, sentence: str) -> str:
    """A sentence in which paths below a folder stand as they are called there, and the folder that it is about by its
    name."""
    root = shown(folder).rstrip("/")
    if not root:
        return sentence
    start = rf"(?<![^\s(]){re.escape(root)}"
    named = re.sub(rf"{start}(?=: )", lambda _: shown(Path(folder).name), sentence, count=1)
    return re.sub(rf"{start}/(?=\S)", "", named)


def _coreset_percent(run: Run) -> float:
    return 100.0 if run.config.sampler == "identity" else run.config.coreset_ratio * 100

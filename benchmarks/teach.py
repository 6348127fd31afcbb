"""Teaching one false alarm against a whole fit with that photo: time, and what becomes of scores and figures.

A run is fitted once. Its highest-scoring good test photo is then added to it, in turns: by `teach`, which goes on from
the run's memory bank, and by a whole fit of all training photos and this one, each with and without the feature cache
that the first fit has filled; and a training photo is excluded, by a fit with the cache. Each is a process of its own;
wall and CPU seconds count from its start. All are judged on the other test photos.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import cells, spread, write_json

WAYS = {  # -> the work, and whether there is a feature cache
    "fit, no cache": ("benchmarks.teach:whole_fit", False), "fit": ("benchmarks.teach:whole_fit", True),
    "teach, no cache": ("benchmarks.teach:taught", False), "teach": ("benchmarks.teach:taught", True),
    "exclude": ("benchmarks.teach:excluding", True),
}  # fmt: skip
STAGES = ("features", "coreset", "held-out", "predict", "total")


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.scratch) as store:
        settings = material.as_json(options) | {"store": store}
        before = alone("benchmarks.teach:first", settings, options.threads)["result"]
        settings |= {"run": before["run"], "photo": before["photo"]}
        turns: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
        for _ in range(options.repeats):
            for name, (work, cached) in WAYS.items():
                turns[name].append(alone(work, settings | {"cached": cached}, options.threads))
    result = summary(material.as_json(options), before, turns)
    print(_table(result))
    write_json(options.json, result)


def first(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit the run that is taught; its id, and the good test photo with the highest score."""
    from patchcore_core.fitting.fit import fit_run
    from patchcore_core.runs.store import RunStore

    store = RunStore(settings["store"])
    run = fit_run(_dataset(settings), _config(settings), store).run
    images = store.images(run)
    good = images[images["label"] == 0].sort_values("image_score")
    photo = str(good["path"].iloc[-1])
    return {"run": run.id, "photo": photo, "train": run.counts.train, "tested": run.counts.tested,
            "rows": run.bank["rows"], **_judged(store, run, photo, float(good["image_score"].iloc[-1]))}  # fmt: skip


def taught(settings: dict[str, Any]) -> dict[str, Any]:
    """Teach the photo, into a store of its own."""
    from patchcore_core.fitting.teach import teach
    from patchcore_core.runs.store import RunStore

    run = RunStore(settings["store"]).get(settings["run"])
    with _store(settings) as store:
        after = teach(run, [settings["photo"]], store).run
        (score,) = (now for _, now in after.taught_scores.values())
        return _about(store, after, settings["photo"], score)


def whole_fit(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit all training photos and this one, into a store of its own."""
    return _fit(settings, _dataset(settings).teaching([settings["photo"]]))


def excluding(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit all training photos but the first one."""
    dataset = _dataset(settings)
    return _fit(settings, dataset.leaving_out([dataset.train[0].path]))


def _fit(settings: dict[str, Any], dataset: Any) -> dict[str, Any]:
    from patchcore_core.data.samples import Sample
    from patchcore_core.fitting.fit import fit_run
    from patchcore_core.model.methods import load_detector

    with _store(settings) as store:
        after = fit_run(dataset, _config(settings), store).run
        photo = Sample(Path(settings["photo"]), "train", 0, "good")
        score = load_detector(store.bank_folder(after)).score([photo]).image_scores[0]
        return _about(store, after, settings["photo"], float(score))


@contextmanager
def _store(settings: dict[str, Any]) -> Iterator[Any]:
    """An empty store for a moment, with the feature cache of the first one or without any."""
    from patchcore_core.fitting.feature_cache import VARIABLE
    from patchcore_core.runs.folder import FEATURES
    from patchcore_core.runs.store import RunStore

    if not settings["cached"]:
        os.environ[VARIABLE] = "off"
    with tempfile.TemporaryDirectory(dir=settings["scratch"]) as folder:
        if settings["cached"]:
            Path(folder, FEATURES).symlink_to(Path(settings["store"], FEATURES), target_is_directory=True)
        yield RunStore(folder)


def summary(
    settings: dict[str, Any], before: dict[str, Any], turns: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """Median, least and most of wall, CPU and every stage of each way, the whole fit without a cache over each, and
    what they find."""
    ways = {}
    for name, costs in turns.items():
        figures = {key: spread([cost[key] for cost in costs]) for key in ("wall", "cpu")}
        stages = {stage: spread([cost["result"]["seconds"].get(stage, 0.0) for cost in costs]) for stage in STAGES}
        found = {key: value for key, value in costs[-1]["result"].items() if key != "seconds"}
        ways[name] = {**figures, "stages": stages, "found": found}
    whole = ways["fit, no cache"]
    ratio = {name: {key: whole[key]["median"] / way[key]["median"] for key in ("wall", "cpu")}
             for name, way in ways.items()}  # fmt: skip
    known = {key: value for key, value in before.items() if key not in ("run", "photo")}
    return {"settings": settings, "before": known, "ways": ways, "ratio": ratio}


def _about(store: Any, run: Any, photo: str, score: float) -> dict[str, Any]:
    return {"seconds": run.seconds, "rows": run.bank["rows"], **_judged(store, run, photo, score)}


def _judged(store: Any, run: Any, photo: str, score: float) -> dict[str, Any]:
    """The photo's score, the threshold, and Image AUROC on all test photos but this one."""
    from patchcore_core.evaluation.metrics import image_auroc

    images = store.images(run)
    others = images[(images["path"] != photo) & (images["label"] >= 0)]
    return {"score": score, "threshold": run.thresholds.get("heldout_p99"),
            "image_auroc": float(image_auroc(others["label"].to_numpy(), others["image_score"].to_numpy()))}


def _dataset(settings: dict[str, Any]) -> Any:
    """The photos in use; all others are excluded, as a run records it."""
    from patchcore_core.data.dataset import load_dataset

    some, whole = material.dataset(settings), load_dataset(settings["dataset"], settings["category"])
    used = {sample.path for sample in (*some.train, *some.test)}
    return whole.leaving_out([path for path in whole.photos.paths if path not in used])


def _config(settings: dict[str, Any]) -> Any:
    from patchcore_core.config import PatchCoreConfig

    changes = {} if settings["ratio"] is None else {"coreset_ratio": settings["ratio"]}
    return PatchCoreConfig.preset(settings["preset"], **changes)


def _table(result: dict[str, Any]) -> str:
    before, ways = result["before"], result["ways"]
    lines = [f"{before['train']} training photos, {before['tested']} test photos; all ways in turns",
             f"{'way':<16}{'wall s':>10}{'(least-most)':>20}{'CPU s':>10}{'(least-most)':>20}{'of a fit':>10}"]
    lines += [f"{name:<16}{cells(way['wall'])}{cells(way['cpu'])}{1 / result['ratio'][name]['cpu']:>10.2f}"
              for name, way in ways.items()]  # fmt: skip
    lines.append(f"stages, wall s: {', '.join(STAGES)}")
    lines += [f"{name:<16}" + "".join(f"{way['stages'][stage]['median']:>10.2f}" for stage in STAGES)
              for name, way in ways.items()]  # fmt: skip
    for name, found in {"before": before, **{name: way["found"] for name, way in ways.items()}}.items():
        limit = found["threshold"]
        lines.append(f"{name:<16} the photo scores {found['score']:.3f} (threshold "
                     f"{'unknown' if limit is None else f'{limit:.3f}'}); {found['rows']:,} rows; Image AUROC of the "
                     f"other test photos {found['image_auroc']:.4f}")  # fmt: skip
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks teach", description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path, help="folder of a category, or of categories")
    parser.add_argument("--category", help="which of several")
    parser.add_argument("--preset", default="quick", help="settings of the run (default %(default)s)")
    parser.add_argument("--ratio", type=float, help="coreset's share of the patches (default: that of the preset)")
    parser.add_argument("--images", type=int, help="training images, the first ones (default: all)")
    parser.add_argument("--test-images", type=int, help="test images to score, spread over all (default: all)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="threads of every pool (default: as the machine has cores)")
    parser.add_argument("--scratch", type=Path, help="folder of the runs (default: the system's for temporary files)")
    material.add_json_option(parser)
    return parser

"""A sweep of layers, coreset ratios and neighbours against its most expensive single run, and against fits alone.

The sweep runs in a process of its own, with an empty store. So do the fits alone, one after the other and without a
feature cache; `--alone` chooses which: all of the grid, or those with the largest coreset and the most neighbours, of
which one is the most expensive. CPU seconds are those of computing, without the imports. Every fit that was also made
alone must have the same memory bank, scores, maps, curves and figures, to the bit.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import write_json
from benchmarks.harness.same_runs import same_runs

OFF = "PATCHCORE_FEATURE_CACHE"


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        settings = {**material.as_json(options), "stores": folder}
        settings["data"] = str(material.linked(settings, Path(folder, "data")))
        with ThreadPoolExecutor(2 if options.at_once else 1) as pool:  # each in a process of its own
            both = pool.map(lambda what: alone(f"benchmarks.fits.sweep:{what}", settings, options.threads)["result"],
                            ("together", "apart"))  # fmt: skip
            together, apart = both
        differing = _differing(together["runs"], apart["runs"])
    dearest = max(apart["cpu"], key=lambda one: one["seconds"])
    result = {"settings": settings, "fits": len(together["runs"]), "cpu": together["cpu"], "stages": together["stages"],
              "dearest": dearest, "alone": apart["cpu"], "ratio": together["cpu"] / dearest["seconds"],
              "compared": len(apart["runs"]), "differing": differing}  # fmt: skip
    print(_table(result))
    write_json(options.json, result)


def together(settings: dict[str, Any]) -> dict[str, Any]:
    """The sweep: CPU seconds, the wall seconds of its stages, and each run's folder by its settings."""
    from patchcore_core.data.dataset import load_dataset
    from patchcore_core.fitting.sweep.planned import planned
    from patchcore_core.jobs.jobs import queue_sweep
    from patchcore_core.jobs.worker import work
    from patchcore_core.runs.store import RunStore

    store, configs = RunStore(Path(settings["stores"], "together")), _configs(settings)
    started, runs = time.process_time(), {}
    plans = [planned(load_dataset(settings["data"]), config, ()) for config in configs.values()]
    stages: dict[str, float] = {}
    queued = queue_sweep(store, plans)
    work(store)
    for name, run_id in zip(configs, queued.runs, strict=True):
        run = store.get(run_id)
        runs[name] = str(run.folder)
        for stage, seconds in run.seconds.items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    return {"cpu": time.process_time() - started, "runs": runs, "stages": stages}


def apart(settings: dict[str, Any]) -> dict[str, Any]:
    """Fits alone: CPU seconds of each, and their folders by their settings."""
    import os

    from patchcore_core.data.dataset import load_dataset
    from patchcore_core.fitting.fit import fit_run
    from patchcore_core.runs.store import RunStore

    os.environ[OFF] = "off"
    store, configs = RunStore(Path(settings["stores"], "apart")), _configs(settings)
    largest, most = max(settings["ratios"]), max(settings["neighbours"])
    cpu, runs, dataset = [], {}, load_dataset(settings["data"])
    for name, config in configs.items():
        if settings["alone"] == "all" or (config.coreset_ratio == largest and config.num_neighbors == most):
            started = time.process_time()
            run = fit_run(dataset, config, store).run
            cpu.append({"fit": name, "seconds": time.process_time() - started})
            runs[name] = str(run.folder)
    return {"cpu": cpu, "runs": runs}


def _configs(settings: dict[str, Any]) -> dict[str, Any]:
    from patchcore_core.config import PatchCoreConfig

    grid = product(settings["layers"], settings["ratios"], settings["neighbours"])
    return {
        f"{layers} {ratio:g} {k}": PatchCoreConfig.preset(
            settings["preset"], layers=tuple(layers.split("+")), coreset_ratio=ratio, num_neighbors=k
        )
        for layers, ratio, k in grid
    }  # fmt: skip


def _differing(ours: dict[str, str], alone_: dict[str, str]) -> list[str]:
    """The fits whose stored arrays or figures are not those of the fit alone."""
    return [name for name, folder in alone_.items() if not same_runs(Path(ours[name]), Path(folder))]


def _table(result: dict[str, Any]) -> str:
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in result["stages"].items() if name != "total")
    verdict = "all the same to the bit" if not result["differing"] else f"DIFFERENT: {', '.join(result['differing'])}"
    return "\n".join([
        f"{result['fits']} fits together            {result['cpu']:8.1f} CPU s",
        f"the most expensive alone  {result['dearest']['seconds']:8.1f} CPU s   ({result['dearest']['fit']})",
        f"ratio                     {result['ratio']:8.2f}",
        f"all that were made alone  {sum(each['seconds'] for each in result['alone']):8.1f} CPU s"
        f"   ({result['compared']} fits; {verdict})",
        f"Wall seconds of the stages of the sweep: {stages}.",
    ])  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sweep", description=__doc__)
    parser.add_argument("dataset", type=Path, help="folder of a category, or of categories")
    parser.add_argument("--category", help="which of several")
    parser.add_argument("--images", type=int, help="training images to use (default: all)")
    parser.add_argument("--test-images", type=int, help="test images to score, spread over all (default: all)")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--layers", nargs="+", default=["blocks.2+blocks.4", "blocks.2+blocks.3", "blocks.3+blocks.4"])
    parser.add_argument("--ratios", nargs="+", type=float, default=[0.01, 0.025, 0.05, 0.1])
    parser.add_argument("--neighbours", nargs="+", type=int, default=[1, 3, 5])
    parser.add_argument("--alone", choices=("all", "largest"), default="all", help="which fits are made alone, too")
    parser.add_argument("--scratch", type=Path, help="folder for the stores (default: the system's)")
    parser.add_argument("--at-once", action="store_true", help="make both at the same time, with the same noise")
    parser.add_argument("--threads", type=int, help="threads of every pool (default: as the machine has cores)")
    material.add_json_option(parser)
    return parser

"""Colours that mean something mean nothing else, and every line shows on both pages."""

import re
import tomllib
from itertools import product

import numpy as np
import pytest

from pages.ui.compare.runs import MOST_RUNS
from patchcore_core.views import web
from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from tests.places import ROOT


def channels(code: str) -> np.ndarray:
    return np.array([int(code[start : start + 2], 16) for start in (1, 3, 5)])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours by WCAG 2."""
    light = []
    for share in (channels(one) / 255, channels(other) / 255):
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(light) / min(light)


def test_no_run_has_a_colour_that_means_something():
    for run, meaning in product(RUN_COLOURS, COLOURS.values()):
        assert np.abs(channels(run) - channels(meaning)).sum() > 80, (run, meaning)


def test_every_compared_run_has_a_colour_of_its_own():
    assert len(set(RUN_COLOURS)) == len(RUN_COLOURS) >= MOST_RUNS


def test_every_run_shows_on_the_light_and_the_dark_page():
    for run in RUN_COLOURS:
        assert contrast(run, "#FFFFFF") >= 3
        assert contrast(run, "#14171A") >= 3


@pytest.mark.parametrize(("theme", "selector"), [("light", ":root {"), ("dark", ':root[data-theme="dark"] {')])
def test_a_report_has_the_colours_of_the_pages(theme, selector):
    pages = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][theme]
    rule = web.css("report").split(selector)[1].split("}")[0]
    found = dict(re.findall(r"--st-([\w-]+-color): (#\w+);", rule))
    names = {name: re.sub("([A-Z])", r"-\1", name).lower() for name in pages if name.endswith("Color")}
    assert found == {names[name]: pages[name].lower() for name in names}

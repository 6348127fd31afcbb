"""A sheet of brushed steel under a long lamp, and its defects."""

from __future__ import annotations

import numpy as np
from PIL import Image

from patchcore_core.data.sample.camera import (
    SIDE,
    blob,
    blur,
    field,
    grid,
    layers,
    mix,
    place,
    smoothstep,
    stroke,
    wander,
)

DEFECTS = ("contamination", "dent", "scratch", "stain")

_STEEL = np.array([0.262, 0.268, 0.276])
_CANVAS = 448  # the grain is laid on a larger sheet, so that it can be turned


def render(rng: np.random.Generator, defect: str, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """The sheet (SIDE, SIDE, 3) and the defect's coverage; `severity` in (0, 1] sets its contrast and extent."""
    flaw = rng.spawn(1)[0]  # of its own, so that the sheet is the same with and without a defect
    angle = rng.normal(0, 0.025)
    grain = _turn(_brush(rng), angle)
    slope, coverage = np.zeros((2, SIDE, SIDE)), np.zeros((SIDE, SIDE))
    if defect == "dent":
        slope, coverage = _press(flaw, severity)
    sheet = _light(rng, grain, slope)
    draw = {"contamination": _litter, "scratch": _scratch, "stain": _tarnish}.get(defect)
    return draw(flaw, sheet, severity) if draw else (sheet, coverage)


def _brush(rng: np.random.Generator) -> np.ndarray:
    """(_CANVAS, _CANVAS) the grain of the brush along the rows: long and short grooves, a few of them deep."""
    shape = (_CANVAS, _CANVAS)
    grain = layers(rng, shape, [
        (0.85, (0.30, 130)), (0.80, (0.30, 45)), (0.55, (0.35, 14)), (0.30, (1.3, 170)), (0.22, (5.0, 160))])
    rare = field(rng, shape, (0.45, 45))
    return grain + 0.9 * smoothstep(rare, 2.2, 3.4) - 1.1 * smoothstep(-rare, 2.3, 3.5)


def _turn(canvas: np.ndarray, angle: float) -> np.ndarray:
    """(SIDE, SIDE) the middle of the canvas, turned by an angle in radians."""
    turned = Image.fromarray(canvas.astype(np.float32)).rotate(np.degrees(angle), Image.Resampling.BICUBIC)
    edge = (_CANVAS - SIDE) // 2
    return np.asarray(turned, float)[edge:edge + SIDE, edge:edge + SIDE]


def _light(rng: np.random.Generator, grain: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3): a soft band of reflected lamp across the grain; `slope` (2, H, W) moves it where it bends."""
    y, x = grid()
    wavy = 9 * field(rng, (SIDE, SIDE), (70, 50))
    seen = x + 0.12 * y + wavy + 5.0 * grain + 260 * slope[1]
    band = np.exp(-((seen - rng.normal(-15, 22)) / rng.uniform(88, 104)) ** 2)
    second = np.exp(-((seen - rng.normal(150, 12)) / 38.0) ** 2)
    level = 0.62 + 0.62 * band + 0.16 * second
    bright = level * np.exp((0.105 + 0.035 * band) * grain) * (1 - 1.5 * slope[0] - 0.6 * slope[1])
    warm = np.array([0.022, 0.004, -0.02]) * (band - 0.5)[:, :, None]
    cloud = 1 + 0.018 * field(rng, (SIDE, SIDE), (40, 60))
    return _STEEL * (bright * cloud)[:, :, None] * (1 + warm)


def _press(rng: np.random.Generator, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """((2, H, W) slope of the surface, coverage) of a shallow round dent."""
    radius = rng.uniform(9, 26)
    (cy, cx), (y, x) = place(rng, 2 * radius), grid()
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(0.6, 1.0)
    along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
    across = ((y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)) / stretch
    distance = np.hypot(along, across) / radius
    depth = np.exp(-(distance**2.6) * 1.6)
    slope = np.stack(np.gradient(depth)) * radius * (0.015 + 0.25 * severity)
    return slope, smoothstep(distance, 1.3, 0.9)


def _scratch(rng: np.random.Generator, sheet: np.ndarray, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """A groove across the grain: a bright flank, a dark flank, here and there interrupted."""
    length = 30 + 170 * rng.uniform(0.3, 1.0)
    angle = rng.choice([-1, 1]) * rng.uniform(0.35, 1.5)
    path = wander(rng, length, bend=0.004, angle=angle)
    taper = np.sin(np.linspace(0.25, np.pi - 0.25, len(path))) ** 0.5
    width = (1.3 + 1.2 * severity * rng.uniform(0.4, 1.0)) * taper
    coverage = stroke(path, width)
    shadow = stroke(path + np.array([1.1, 0.5]), width)
    pressure = np.clip(0.8 + 0.3 * field(rng, (SIDE, SIDE), (9, 9)), 0.35, 1.3) * (0.02 + 0.60 * severity)
    bright = sheet * (1 + 1.5 * coverage * pressure)[:, :, None]
    return bright * (1 - 0.7 * np.clip(shadow - coverage, 0, 1) * pressure)[:, :, None], coverage


def _tarnish(rng: np.random.Generator, sheet: np.ndarray, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """A spot of oil or heat: brownish, duller than the steel, its edge drawn out along the grain."""
    coverage = blob(rng, rng.uniform(14, 44), softness=0.4, roughness=0.22)
    dull = mix(sheet, blur(sheet, 2.5), coverage * 0.5)
    absorbed = np.array([0.30, 0.38, 0.50]) if rng.random() < 0.5 else np.array([0.42, 0.36, 0.28])
    strength = 0.06 + 0.60 * severity
    film = coverage * (0.9 + 0.12 * field(rng, (SIDE, SIDE), (3, 14))) + 1.2 * coverage * (1 - coverage)
    return dull * (1 - np.clip(film * strength, 0, 1.4)[:, :, None] * absorbed), coverage


def _litter(rng: np.random.Generator, sheet: np.ndarray, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """Chips or dust: one to a few dark or bright crumbs with a shadow."""
    coverage = np.zeros((SIDE, SIDE))
    for _ in range(int(rng.integers(1, 4))):
        crumb = blob(rng, (2.6 + 6.5 * severity * rng.uniform(0.5, 1.0)), softness=0.35, roughness=0.28)
        coverage = np.maximum(coverage, crumb)
    relief = np.gradient(blur(coverage, 1.5))[0] * 2.2
    shadow = np.roll(blur(coverage, 1.2), (2, 2), (0, 1))
    colour = np.array([0.05, 0.042, 0.036]) if rng.random() < 0.65 else np.array([0.52, 0.50, 0.46])
    facets = colour * (1 + 0.25 * field(rng, (SIDE, SIDE), (1.2, 1.2)) - relief)[:, :, None]
    opacity = 0.20 + 0.75 * severity
    return mix(sheet * (1 - 0.4 * opacity * shadow)[:, :, None], facets, coverage * opacity), coverage

"""Shared by the sample textures: random fields, shapes, and the simulated camera.

Surfaces are arrays (SIDE, SIDE, 3) of linear light around 0 to 1; a coverage is (SIDE, SIDE) in [0, 1].
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

SIDE = 320  # pixels
_OVERSAMPLING = 4


def field(rng: np.random.Generator, shape: tuple[int, int], sigma: tuple[float, float]) -> np.ndarray:
    """Random field of mean 0 and deviation 1, smooth over sigma (rows, columns); it wraps around."""
    values = layers(rng, shape, [(1.0, sigma)])
    return (values - values.mean()) / values.std()


def layers(rng: np.random.Generator, shape: tuple[int, int],
           parts: list[tuple[float, tuple[float, float]]]) -> np.ndarray:
    """Sum of independent fields, each (its deviation, its sigma), drawn at once: their power spectra add up."""
    power = np.zeros((shape[0], shape[1] // 2 + 1))
    for deviation, sigma in parts:
        down = np.exp(-4 * (np.pi * sigma[0] * np.fft.fftfreq(shape[0])) ** 2)
        across = np.exp(-4 * (np.pi * sigma[1] * np.fft.rfftfreq(shape[1])) ** 2)
        weight = deviation**2 / (down.mean() * (2 * across.sum() - 1) / shape[1])
        power += weight * down[:, None] * across[None, :]
    spectrum = np.fft.rfft2(rng.standard_normal(shape))
    return np.fft.irfft2(spectrum * np.sqrt(power), s=shape)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of (H, W) or (H, W, 3) with mirrored edges."""
    reach = max(1, round(2.5 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    sides = [(0, 0)] * (image.ndim - 1)
    for _ in range(2):
        padded = np.pad(image, [(reach, reach), *sides], mode="reflect")
        image = sum(weight * padded[start:start + len(image)] for start, weight in enumerate(weights))
        image = image.swapaxes(0, 1)
    return image


def grid() -> tuple[np.ndarray, np.ndarray]:
    """(y, x) of every pixel centre, from the middle of the photo."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5 - SIDE / 2
    return y, x


def smoothstep(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below low, 1 above high (or the other way round), smooth between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def mix(surface: np.ndarray, colour: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """The surface with a colour (broadcastable) laid over it."""
    return surface + (colour - surface) * coverage[:, :, None]


def place(rng: np.random.Generator, margin: float) -> tuple[float, float]:
    """A random (y, x) at least `margin` pixels from the border."""
    reach = SIDE / 2 - margin
    y, x = rng.uniform(-reach, reach, 2)
    return y, x


def blob(rng: np.random.Generator, radius: float, softness: float, roughness: float) -> np.ndarray:
    """Coverage of one irregular patch of about this radius; softness is the width of its edge relative to it."""
    (cy, cx), (y, x) = place(rng, radius + 6), grid()
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(0.65, 1.0)
    along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
    across = (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)
    uneven = field(rng, (SIDE, SIDE), (radius / 2.4, radius / 2.4)) + 0.3 * field(rng, (SIDE, SIDE), (2.0, 2.0))
    distance = np.hypot(along, across / stretch) / radius
    edge = distance + roughness * uneven * smoothstep(distance, 2.5, 0.2)
    return smoothstep(edge, 1 + softness / 2, 1 - softness / 2)


def wander(rng: np.random.Generator, length: float, bend: float, angle: float) -> np.ndarray:
    """(points, 2) y, x of a curve that keeps roughly to an angle; `bend` is its curvature in radians per pixel."""
    steps = int(length * 2)
    turn = np.cumsum(rng.standard_normal(steps)) * bend / 4 + np.linspace(0, rng.normal(0, bend * length / 2), steps)
    path = np.cumsum(np.stack([np.sin(angle + turn), np.cos(angle + turn)], axis=1), axis=0) / 2
    centre = np.array(place(rng, min(length / 2 + 4, SIDE / 2 - 20)))
    return path - path.mean(axis=0) + centre


def stroke(path: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Coverage of a line through (points, 2) y, x with a width in pixels at every point."""
    canvas = Image.new("L", (SIDE * _OVERSAMPLING,) * 2)
    draw = ImageDraw.Draw(canvas)
    for (y, x), radius in zip((path + SIDE / 2) * _OVERSAMPLING, widths * _OVERSAMPLING / 2, strict=True):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(canvas.reduce(_OVERSAMPLING)).astype(float) / 255


def photograph(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the surface lit from one side, through a lens, onto a noisy sensor."""
    y, x = grid()
    angle, fall = rng.normal(-2.3, 0.2), rng.uniform(0.05, 0.13)
    light = 1 + fall * (x * np.cos(angle) + y * np.sin(angle)) / (SIDE / 2)
    vignette = 1 - rng.uniform(0.10, 0.16) * ((x - 6) ** 2 + (y + 4) ** 2) / (SIDE / 2) ** 2
    balance = np.array([1, 1, 1]) + rng.normal(0, 0.008, 3)
    seen = surface * (light * vignette * rng.normal(1, 0.02))[:, :, None] * balance
    seen = np.clip(blur(seen, rng.uniform(0.62, 0.82)), 0, None)
    shot = rng.standard_normal(seen.shape) * np.sqrt(0.00012 * seen + 0.000015)  # photons and read-out
    tone = np.clip(seen + blur(shot, 0.45), 0, 1) ** (1 / 2.2)
    return np.round(255 * np.clip(tone, 0, 1)).astype(np.uint8)

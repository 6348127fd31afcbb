"""A plain weave of beige warp and blue weft, thread by thread, and its defects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchcore_core.data.sample.camera import SIDE, blob, field, grid, mix, place, smoothstep, stroke, wander

DEFECTS = ("broken_thread", "contamination", "hole", "stain")

_PITCH = 8.0  # pixels from thread to thread
_COUNT = 64  # threads in each direction, more than the photo shows
_STEPS = 8  # table entries per thread of length
_WARP, _WEFT = np.array([0.43, 0.39, 0.325]), np.array([0.245, 0.270, 0.295])
_FLOOR = np.array([0.022, 0.020, 0.018])


@dataclass
class Threads:
    """One direction of the weave, as tables (thread, place along it): relative width, shade, and shift sideways."""

    width: np.ndarray
    shade: np.ndarray
    shift: np.ndarray


def render(rng: np.random.Generator, defect: str, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """The cloth (SIDE, SIDE, 3) and the defect's coverage; `severity` in (0, 1] sets its contrast and extent."""
    flaw = rng.spawn(1)[0]  # of its own, so that the cloth is the same with and without a defect
    across, along = _lay(rng)
    warp, weft = _spin(rng), _spin(rng)
    coverage, core, ends = np.zeros((3, SIDE, SIDE))
    if defect == "hole":
        across, along, coverage, core, ends = _tear(flaw, across, along, severity)
    if defect == "broken_thread":
        coverage = _break(flaw, (warp, weft), (across, along), severity)
    cloth = mix(_weave(rng, warp, weft, across, along), _FLOOR, core)
    cloth = mix(cloth, 0.55 * (_WARP + _WEFT) / 2, ends * core)
    if defect == "stain":
        return _spill(flaw, cloth, severity)
    if defect == "contamination":
        return _shed(flaw, cloth, severity)
    return cloth, coverage


def _lay(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Weave coordinates of every pixel, in threads: turned, tilted and pulled a little out of shape."""
    y, x = grid()
    angle, scale = rng.normal(0, 0.02), _PITCH * rng.normal(1, 0.015)
    depth = 1 + (rng.normal(0, 0.02) * x + rng.normal(0, 0.02) * y) / (SIDE / 2)
    across = (x * np.cos(angle) - y * np.sin(angle)) / (scale * depth)
    along = (x * np.sin(angle) + y * np.cos(angle)) / (scale * depth)
    pull = [0.22 * field(rng, (SIDE, SIDE), (55, 55)) + 0.05 * field(rng, (SIDE, SIDE), (14, 14)) for _ in range(2)]
    start = _COUNT / 2 + rng.uniform(-2, 2, 2)
    return across + pull[0] + start[0], along + pull[1] + start[1]


def _spin(rng: np.random.Generator) -> Threads:
    """Uneven threads: thick and thin places, varying dye, not quite straight."""
    shape = (_COUNT, _COUNT * _STEPS)
    slow, quick = (field(rng, shape, (0.0, _STEPS * length)) for length in (5.0, 1.2))
    each = rng.standard_normal((3, _COUNT, 1))
    width = 0.95 + 0.03 * each[0] + 0.035 * slow + 0.035 * quick
    shade = np.exp(0.06 * each[1] + 0.045 * field(rng, shape, (0.0, _STEPS * 2.5)))
    shift = 0.045 * each[2] + 0.04 * field(rng, shape, (0.0, _STEPS * 3.0))
    return Threads(width, shade, shift)


def _look_up(table: np.ndarray, thread: np.ndarray, along: np.ndarray) -> np.ndarray:
    column = np.clip(along * _STEPS, 0, table.shape[1] - 1).astype(int)
    return table[np.clip(thread, 0, _COUNT - 1).astype(int), column]


def _one_way(threads: Threads, across: np.ndarray, along: np.ndarray, over: float) -> tuple[np.ndarray, ...]:
    """(height, offset from the thread's middle, shade) of the threads of one direction, in thread units."""
    thread = np.floor(across)
    middle = across - thread - 0.5 - _look_up(threads.shift, thread, along)
    half = 0.5 * _look_up(threads.width, thread, along)
    roundness = 1 - (middle / np.maximum(half, 1e-3)) ** 2
    wave = over * np.cos(np.pi * (along - 0.5 + thread))  # over one crossing, under the next
    height = 0.30 * wave + 0.42 * np.sqrt(np.clip(roundness, 0, 1)) - 1.2 * smoothstep(roundness, 0.12, -0.1)
    return height, middle, _look_up(threads.shade, thread, along)


def _weave(rng: np.random.Generator, warp: Threads, weft: Threads, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3): the visible thread of every pixel, lit from the upper left, dark in the gaps."""
    up, up_middle, up_shade = _one_way(warp, across, along, 1.0)
    side, side_middle, side_shade = _one_way(weft, along, across, -1.0)
    top = smoothstep(up - side, -0.06, 0.06)  # 1 where the warp lies on top
    height = np.maximum(up, side)
    fibres = top * field(rng, (SIDE, SIDE), (2.6, 0.5)) + (1 - top) * field(rng, (SIDE, SIDE), (0.5, 2.6))
    twist = top * np.sin(2 * np.pi * (1.6 * along + 1.1 * up_middle))
    twist = twist + (1 - top) * np.sin(2 * np.pi * (1.6 * across + 1.1 * side_middle))
    colour = mix(_WEFT * side_shade[:, :, None], _WARP * up_shade[:, :, None], top)
    down, right = np.gradient(height)
    light = (0.20 + 0.90 * smoothstep(height, -0.70, 0.66)) * (1 + 1.1 * (down + right))
    light = np.clip(light * (1 + 0.10 * fibres + 0.05 * twist), 0.05, None)
    cloth = mix(_FLOOR, colour * light[:, :, None], smoothstep(height, -0.95, -0.35))
    return mix(cloth, 1.25 * _WARP, 0.22 * _fuzz(rng))


def _fuzz(rng: np.random.Generator) -> np.ndarray:
    """Coverage of the fine fibre ends that stand off any yarn."""
    ends = [wander(rng, rng.uniform(5, 13), 0.25, rng.uniform(0, 2 * np.pi)) for _ in range(70)]
    path = np.concatenate(ends)
    return stroke(path, np.full(len(path), 0.7))


def _break(rng: np.random.Generator, weave: tuple[Threads, Threads], place_of: tuple[np.ndarray, np.ndarray],
           severity: float) -> np.ndarray:
    """Thin one thread to nothing (or, when faint, to a weak place) over some length; returns the coverage."""
    which = int(rng.integers(2))
    threads, across, along = weave[which], place_of[which], place_of[1 - which]
    thread = int(_COUNT / 2 + rng.integers(-12, 13))
    middle, length = _COUNT / 2 + rng.uniform(-9, 9), 4 + 13 * severity * rng.uniform(0.6, 1.0)
    position = (np.arange(_COUNT * _STEPS) + 0.5) / _STEPS
    gone = smoothstep(np.abs(position - middle), length / 2 + 0.4, length / 2 - 0.2)
    threads.width[thread] *= 1 - gone * min(1.0, 0.62 + 0.6 * severity)
    threads.shade[thread] *= 1 - 0.25 * gone
    inside = smoothstep(np.abs(across - thread - 0.5), 0.62, 0.42)
    return inside * smoothstep(np.abs(along - middle), length / 2 + 0.5, length / 2 - 0.1)


def _tear(rng: np.random.Generator, across: np.ndarray, along: np.ndarray, severity: float) -> tuple[np.ndarray, ...]:
    """A hole: (across, along) pushed aside around it, and the coverage of defect, dark middle and frayed ends."""
    radius = 7 + 16 * severity * rng.uniform(0.7, 1.0)  # pixels
    (cy, cx), (y, x) = place(rng, 3 * radius), grid()
    ragged = 1 + 0.16 * np.clip(field(rng, (SIDE, SIDE), (3.0, 3.0)), -2, 2)
    distance = np.hypot(y - cy, (x - cx) * rng.uniform(0.75, 1.3)) * ragged / radius
    away = np.hypot(y - cy, x - cx) / radius
    push = 0.5 / _PITCH * np.clip(1 - (away / 1.6) ** 2, 0, 1) ** 2  # threads per pixel from the middle
    core = smoothstep(distance, 1.0, 0.72) * (0.55 + 0.45 * min(1.0, 1.4 * severity))
    ends = [_end(rng, cy, cx, radius) for _ in range(int(rng.integers(7, 14)))]
    frayed = stroke(np.concatenate(ends), np.full(sum(map(len, ends)), 1.3))
    return across - push * (x - cx), along - push * (y - cy), smoothstep(distance, 1.45, 0.95), core, frayed


def _end(rng: np.random.Generator, cy: float, cx: float, radius: float) -> np.ndarray:
    """(points, 2) y, x of one loose fibre from the rim of a hole towards somewhere in its middle."""
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
    way = np.linspace(1.15, reach, int(2 * radius) + 2)
    turn = angle + rng.normal(0, 0.5) * (1.15 - way) ** 2
    return np.stack([cy + radius * way * np.sin(turn), cx + radius * way * np.cos(turn)], axis=1)


def _spill(rng: np.random.Generator, cloth: np.ndarray, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """A dried spot: absorbs blue light first, darkest along its edge."""
    coverage = blob(rng, rng.uniform(20, 46), softness=0.3, roughness=0.24)
    rim = 4 * coverage * (1 - coverage)
    absorbed = np.array([0.34, 0.50, 0.66]) if rng.random() < 0.6 else np.array([0.52, 0.49, 0.44])
    strength = 0.55 + 0.75 * severity
    soaked = (coverage * (0.85 + 0.1 * field(rng, (SIDE, SIDE), (6, 6))) + 0.5 * rim) * strength
    return cloth * (1 - np.clip(soaked, 0, 1.3)[:, :, None] * absorbed), coverage


def _shed(rng: np.random.Generator, cloth: np.ndarray, severity: float) -> tuple[np.ndarray, np.ndarray]:
    """A foreign fibre lying on the cloth, with its shadow; a faint one is thin and nearly of the cloth's colour."""
    length = 26 + 85 * rng.uniform(0.4, 1.0) * severity
    path = wander(rng, length, bend=rng.uniform(0.05, 0.11), angle=rng.uniform(0, 2 * np.pi))
    width = 1.9 + 1.6 * severity * rng.uniform(0.5, 1.0)
    coverage = stroke(path, width * (1 + 0.12 * np.sin(np.linspace(0, 9, len(path)))))
    shadow = stroke(path + 1.8, np.full(len(path), width + 1.5))
    colours = np.array([[0.62, 0.58, 0.50], [0.03, 0.028, 0.03], [0.36, 0.05, 0.04]])
    colour = colours[rng.integers(len(colours))] * rng.normal(1, 0.08)
    opacity = 0.6 + 0.4 * severity
    return mix(cloth * (1 - 0.35 * opacity * shadow)[:, :, None], colour, coverage * opacity), coverage

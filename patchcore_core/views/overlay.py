"""Anomaly maps and masks as pictures: arrays in, uint8 arrays or encoded bytes out.

Photos are (H, W, 3) uint8 RGB, maps (H, W) float with NaN outside the network input, masks (H, W) bool. Scores are
never normalised per image: `low` and `high` are the limits of the whole run.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from patchcore_core.views.colours import INFERNO, rgb

OPAQUE_FROM = 0.35  # fraction of the scale above which the heat map is opaque
LOSSLESS_UP_TO = 1_500_000  # pixels; a larger picture is sent as JPEG, many times faster


def score_limits(maps: np.ndarray, good: np.ndarray) -> tuple[float, float]:
    """Limits of the colour scale for all images of a run.

    Parameters
    ----------
    maps : (N, S, S) float, may be a memory map; at most 64 evenly spaced maps are read.
    good : (N,) bool, which images are defect-free; with none of them all images stand in.

    Returns
    -------
    low, high : the median score of the pixels of good images, and the 99.9th percentile of all pixels. Half of a
        good image is then clear, and a single hot pixel does not darken the rest of the run. Always low < high.
    """
    if len(maps) == 0:
        return 0.0, 1.0
    chosen = np.unique(np.linspace(0, len(maps) - 1, min(64, len(maps))).astype(int))
    kept = np.asarray(good, dtype=bool)[chosen]
    pixels = maps[chosen, ::2, ::2].astype(np.float32)  # (n, S/2, S/2)
    low = float(np.median(pixels[kept] if kept.any() else pixels))
    high = float(np.quantile(pixels, 0.999))
    return low, high if high > low else low + 1.0


def limits_without_test(scores: np.ndarray, numbers: np.ndarray, pixel_threshold: float) -> tuple[float, float]:
    """Limits of the colour scale where there are no test maps, so that good images stay dark.

    From the median of held-out good pixels, `scores` (K,) with `numbers` (K,) of pixels each, to four times as far as
    the pixel threshold. Always low < high.
    """
    order = np.argsort(scores)
    reached = np.cumsum(numbers[order])
    low = float(scores[order][np.searchsorted(reached, reached[-1] / 2)])
    high = low + 4 * (pixel_threshold - low)
    return low, high if high > low else low + 1.0


def heatmap(anomaly_map: np.ndarray, low: float, high: float) -> np.ndarray:
    """The map in inferno, (H, W, 4) uint8: transparent at `low` and at NaN, opaque further up."""
    with np.errstate(invalid="ignore"):
        level = (anomaly_map - np.float32(low)) * np.float32(255 / (high - low))  # (H, W), NaN stays NaN
    return _HEAT[np.nan_to_num(level, nan=0.0).clip(0, 255).astype(np.uint8)]


def _heat_table() -> np.ndarray:
    alpha = np.clip(np.linspace(0, 1, 256) / OPAQUE_FROM, 0.0, 1.0)
    return np.column_stack([INFERNO, np.rint(alpha * 255)]).astype(np.uint8)  # (256, 4)


_HEAT = _heat_table()


def blend(photo: np.ndarray, anomaly_map: np.ndarray, low: float, high: float, opacity: float = 0.7) -> np.ndarray:
    """The heat map laid over the photo, (H, W, 3) uint8; `opacity` in [0, 1] scales its transparency."""
    return paste(photo, heatmap(anomaly_map, low, high), opacity)


def paste(photo: np.ndarray, layer: np.ndarray, opacity: float = 1.0) -> np.ndarray:
    """An RGBA layer over the photo, (H, W, 3) uint8."""
    mixed = Image.fromarray(photo).convert("RGB")
    alpha = Image.fromarray(layer[..., 3]).point([round(opacity * level) for level in range(256)])
    mixed.paste(Image.fromarray(layer[..., :3]), mask=alpha)
    return np.asarray(mixed)


def outline(mask: np.ndarray, width: int = 1) -> np.ndarray:
    """The ring of `width` pixels just outside the mask, (H, W) bool, which leaves a small defect visible."""
    grown = mask.copy()
    for _ in range(width):
        rows = grown.copy()
        rows[1:] |= grown[:-1]
        rows[:-1] |= grown[1:]
        grown = rows.copy()
        grown[:, 1:] |= rows[:, :-1]
        grown[:, :-1] |= rows[:, 1:]
    return grown & ~mask


def outline_width(size: tuple[int, int]) -> int:
    """Pixels of an outline that stays visible when a photo of this (height, width) is shown a few hundred pixels wide.
    """
    return max(1, round(max(size) / 400))


def draw_outlines(photo: np.ndarray, truth: np.ndarray | None, prediction: np.ndarray | None) -> np.ndarray:
    """A copy of the photo with the outlines of the ground truth and of the predicted segmentation.

    Each line has a darkened border, so that it shows on bright photos too.
    """
    drawn = photo.copy()
    width = outline_width(photo.shape[:2])
    for name, mask in (("prediction", prediction), ("truth", truth)):
        if mask is not None:
            line = outline(mask, width)
            drawn[outline(mask | line, width)] //= 2
            drawn[line] = rgb(name)
    return drawn


def segmentation(truth: np.ndarray | None, prediction: np.ndarray) -> np.ndarray:
    """The predicted segmentation by pixel outcome, (H, W, 4) uint8, transparent elsewhere.

    With ground truth: true positives, false alarms and misses in their colours. Without it: the prediction in its own
    colour.
    """
    if truth is None:
        return _painted(prediction.shape, [("prediction", prediction)])
    parts = [("hit", truth & prediction), ("false alarm", prediction & ~truth), ("miss", truth & ~prediction)]
    return _painted(prediction.shape, parts)


def truth_layer(truth: np.ndarray) -> np.ndarray:
    """The ground truth as a layer, (H, W, 4) uint8, transparent outside defects."""
    return _painted(truth.shape, [("truth", truth)])


def _painted(shape: tuple[int, ...], parts: list[tuple[str, np.ndarray]]) -> np.ndarray:
    layer = np.zeros((*shape, 4), dtype=np.uint8)
    for name, mask in parts:
        layer[mask] = (*rgb(name), 255)
    return layer


def grey(photo: np.ndarray) -> np.ndarray:
    """The photo in grey, (H, W, 3) uint8, as background for masks."""
    return np.asarray(Image.fromarray(photo).convert("L").convert("RGB"))


def cut_away(anomaly_map: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The photo with the part outside the crop dimmed to a third."""
    unseen = np.isnan(anomaly_map)
    if not unseen.any():
        return photo
    return np.where(unseen[..., None], photo // 3, photo)


def thumbnail(photo: np.ndarray, size: int = 96) -> np.ndarray:
    """The whole photo fitted into a square of `size` pixels, (h, w, 3) uint8."""
    image = Image.fromarray(photo)
    image.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def png_bytes(picture: np.ndarray, texts: Mapping[str, str] | None = None) -> bytes:
    """A uint8 picture, (H, W), (H, W, 3) or (H, W, 4), as a PNG file; bool masks become 0 and 255.

    `texts` are written into the file by their keywords, before the pixels.
    """
    array = picture.astype(np.uint8) * 255 if picture.dtype == bool else picture
    about = PngInfo()
    for name, text in (texts or {}).items():
        about.add_text(name, text)
    return _encoded(array, format="PNG", compress_level=1, pnginfo=about)


def jpeg_bytes(picture: np.ndarray, quality: int = 85) -> bytes:
    """An RGB picture, (H, W, 3) uint8, as a JPEG file."""
    return _encoded(picture, format="JPEG", quality=quality)


def screen_bytes(picture: np.ndarray) -> bytes:
    """An RGB picture at its full size for the browser: PNG, or JPEG of high quality for many megapixels."""
    large = picture.shape[0] * picture.shape[1] > LOSSLESS_UP_TO
    return jpeg_bytes(picture, quality=92) if large else png_bytes(picture)


def _encoded(picture: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()

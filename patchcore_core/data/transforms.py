"""The geometry of photo, mask and anomaly map: the network input and its place on the photo.

Resizing is PIL's bilinear filter on 8-bit pixels and the crop rounds as torchvision's CenterCrop does, so the network
input equals that of the usual torchvision pipeline bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from patchcore_core.config import MAX_SIDE, PatchCoreConfig
from patchcore_core.data.masks import Truth
from patchcore_core.data.proportions import Size
from patchcore_core.errors import ConfigError, DataError

_MAX_RESIZED_PIXELS = 80_000_000


@dataclass(frozen=True)
class Transform:
    """Maps a photo to the network input of `shape` (height, width), and maps back.

    Without `center_crop` the whole photo is stretched to `input_shape` (height, width), None: the square of
    `image_size`. With it the shorter side is resized to `image_size`, the longer one in proportion, and the centre of
    `input_shape` is kept, None: the square of `center_crop`. `mean` and `std` normalise RGB values in [0, 1]. Below,
    (h, w) is `shape`, and (height, width) that of a photo.
    """

    image_size: int
    center_crop: int | None
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    input_shape: Size | None = None

    def __post_init__(self) -> None:
        name = "image_size" if self.center_crop is None else "center_crop"
        if max(self.shape) > MAX_SIDE:
            raise ConfigError(f"{name} must be at most {MAX_SIDE} pixels, got {max(self.shape)}")
        if self.center_crop is not None and max(self.shape) > self.image_size:
            raise ConfigError(f"center_crop must be at most image_size {self.image_size}, got {max(self.shape)}")

    @property
    def shape(self) -> Size:
        """(height, width) of the network input, pixels."""
        side = self.center_crop or self.image_size
        return self.input_shape or (side, side)

    def image(self, rgb: np.ndarray) -> np.ndarray:
        """(height, width, 3) uint8 -> (3, h, w) float32, normalised; the three values of a pixel lie together in
        memory."""
        pixels = np.asarray(self._fit(Image.fromarray(rgb)))  # (h, w, 3)
        height, width = self.shape
        mean, std = (np.tile(np.array(values, np.float32), width) for values in (self.mean, self.std))  # (3 w,)
        lines = pixels.reshape(height, -1) / np.float32(255)  # (h, 3 w): long lines, so that numpy is fast
        lines -= mean
        lines /= std
        return lines.reshape(pixels.shape).transpose(2, 0, 1)

    def mask(self, mask: np.ndarray) -> np.ndarray:
        """(height, width) bool -> (h, w) bool: True where at least half of the resized pixel is defect."""
        return np.asarray(self._fit(Image.fromarray(mask.astype(np.float32)))) >= 0.5

    def truth(self, truth: Truth) -> Truth:
        """The same for defect and ignored pixels.

        A pixel is ignored if half of it is, else defect if at least half of the rest is.
        """
        if truth.ignored is None:
            return Truth(self.mask(truth.defect), None, truth.meanings)
        defect, unknown = (np.asarray(self._fit(Image.fromarray(each.astype(np.float32))))
                          for each in (truth.defect, truth.ignored))  # fmt: skip
        ignored = unknown >= 0.5
        return Truth((defect >= 0.5 * (1 - unknown)) & (defect > 0) & ~ignored, ignored if ignored.any() else None,
                     truth.meanings)  # fmt: skip

    def box(self, height: int, width: int) -> tuple[float, float, float, float]:
        """(top, left, bottom, right) of the part of a (height, width) photo inside the network input, in its pixels."""
        rows, columns = self._resized(height, width)
        top, left = self._corner(rows, columns)
        down, across = height / rows, width / columns
        seen_rows, seen_columns = self.shape
        return top * down, left * across, (top + seen_rows) * down, (left + seen_columns) * across

    def grid(self, height: int, width: int) -> tuple[int, int, int, int]:
        """(rows, columns) of a (height, width) photo when resized, and (top, left) of the network input in it."""
        rows, columns = self._resized(height, width)
        return rows, columns, *self._corner(rows, columns)

    def to_photo(self, anomaly_map: np.ndarray, height: int, width: int) -> np.ndarray:
        """(h, w) -> (height, width) float32: the map resized to the photo, bilinear; NaN outside the crop."""
        rows, columns = self._resized(height, width)
        top, left = self._corner(rows, columns)
        around = ((top, rows - self.shape[0] - top), (left, columns - self.shape[1] - left))
        whole = np.pad(anomaly_map.astype(np.float32), around, mode="edge")  # (rows, columns)
        wide = Image.fromarray(whole).resize((width, rows), Image.Resampling.BILINEAR)
        photo = np.array(wide.resize((width, height), Image.Resampling.BILINEAR))  # Pillow 13 chooses the first way
        photo[~self._seen(height, width)] = np.nan
        return photo

    def mask_share_kept(self, mask: np.ndarray) -> float:
        """Fraction of the defect inside the crop; NaN for an empty mask."""
        return float(mask[self._seen(*mask.shape)].sum() / mask.sum()) if mask.any() else float("nan")

    def _seen(self, height: int, width: int) -> np.ndarray:
        """(height, width) bool: pixels whose centre is inside the crop."""
        top, left, bottom, right = self.box(height, width)
        rows, columns = np.arange(height) + 0.5, np.arange(width) + 0.5
        return ((rows >= top) & (rows <= bottom))[:, None] & ((columns >= left) & (columns <= right))[None, :]

    def _fit(self, image: Image.Image) -> Image.Image:
        rows, columns = self._resized(image.height, image.width)
        resized = image.resize((columns, rows), Image.Resampling.BILINEAR)
        top, left = self._corner(rows, columns)
        return resized.crop((left, top, left + self.shape[1], top + self.shape[0]))

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        """(rows, columns) of the photo after resizing, before the crop."""
        if self.center_crop is None:
            return self.shape
        longer = int(self.image_size * max(height, width) / min(height, width))
        if longer * self.image_size > _MAX_RESIZED_PIXELS:
            raise DataError(f"a photo of {width} x {height} pixels is too narrow for a centre crop; "
                            "set center_crop to none")
        return (self.image_size, longer) if height <= width else (longer, self.image_size)

    def _corner(self, rows: int, columns: int) -> tuple[int, int]:
        return round((rows - self.shape[0]) / 2), round((columns - self.shape[1]) / 2)


def transform_of(config: PatchCoreConfig, shape: Size) -> Transform:
    """The transform of a run with this input shape for masks and maps, without normalisation."""
    return Transform(config.image_size, config.center_crop, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), shape)

"""Reading pixels: whatever kind of file a camera or a colleague sends becomes the same plain array.

Every failure is a DataError "<path>: <cause>". Only the formats in FORMATS are tried, so that a file with a
hostile header never reaches a decoder that starts other programs.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from patchcore_core.errors import DataError

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".jp2", ".pgm", ".ppm"})
FORMATS = tuple(kind.format for kind in (
    PngImagePlugin.PngImageFile, JpegImagePlugin.JpegImageFile, BmpImagePlugin.BmpImageFile,
    TiffImagePlugin.TiffImageFile, WebPImagePlugin.WebPImageFile, GifImagePlugin.GifImageFile,
    Jpeg2KImagePlugin.Jpeg2KImageFile, PpmImagePlugin.PpmImageFile,
))
MAX_PIXELS = 80_000_000  # under the size at which Pillow itself starts to warn

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(path: Path | str) -> np.ndarray:
    """The photo as (H, W, 3) uint8 RGB, upright (EXIF rotation applied).

    16-bit grey is divided by 257 (65535 becomes 255), never stretched to its own range, so that the same
    brightness stays the same grey in every photo. Transparent pixels are laid over white. Of an animation
    or a file of several pages the first is read. Float pixels are refused: they have no known white.
    """
    with open_file(path) as file:
        return _decode(file, shown(path))


def read_image_bytes(data: bytes, name: str) -> np.ndarray:
    """The same for a file held in memory, such as an upload; `name` only appears in errors."""
    return _decode(io.BytesIO(data), shown(name))


def plain_file(path: Path | str) -> bytes | None:
    """The file itself, where any browser shows the very pixels that `read_image` gives; None where it may not.

    These are JPEG, PNG and WebP of 8-bit grey or RGB without transparency, rotation or colour profile.
    """
    with open_file(path) as file:
        image = open_image(file, shown(path))
        plain = (image.format in ("JPEG", "PNG", "WEBP") and image.mode in ("L", "RGB") and _orientation(image) == 1
                 and not {"icc_profile", "transparency", "gamma"} & set(image.info))
        if not plain or getattr(image, "is_animated", False):
            return None
        file.seek(0)
        return file.read()


def image_size(path: Path | str) -> tuple[int, int]:
    """(height, width) of the upright photo, read from the header without decoding any pixel."""
    with open_file(path) as file:
        image = open_image(file, shown(path))
        # Pillow already reports the upright size of a TIFF
        turned = image.format != "TIFF" and _orientation(image) >= 5
        return (image.width, image.height) if turned else (image.height, image.width)


def shown(path: Path | str) -> str:
    """The path as it can be printed on one line anywhere, however hostile its characters."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in str(path))


def open_file(path: Path | str) -> BinaryIO:
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)}: {getattr(error, 'strerror', None) or 'not a usable path'}") from error


def open_image(file: BinaryIO, name: str) -> Image.Image:
    if not file.read(1):
        raise DataError(f"{name}: the file is empty (0 bytes)")
    file.seek(0)
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise DataError(f"{name}: not an image in a known format") from error
    except Image.DecompressionBombError as error:
        raise DataError(f"{name}: more than {MAX_PIXELS // 10**6} million pixels") from error
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{name}: broken image file ({_cause(error)})") from error
    if image.width * image.height > MAX_PIXELS:
        raise DataError(f"{name}: {image.width} x {image.height} is more than {MAX_PIXELS // 10**6} million pixels")
    return image


def _decode(file: BinaryIO, name: str) -> np.ndarray:
    image = upright(open_image(file, name), name)
    if image.mode.startswith("I"):
        grey = np.round(wide_values(image, name) / 257.0).astype(np.uint8)  # (H, W)
        return np.repeat(grey[:, :, None], 3, axis=2)
    return as_rgb(image, (255, 255, 255), name)


def upright(image: Image.Image, name: str) -> Image.Image:
    try:
        image.load()
        turn = _UPRIGHT.get(_orientation(image))
        return image if turn is None else image.transpose(turn)
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{name}: broken or truncated image ({_cause(error)})") from error


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # a broken EXIF block does not spoil the pixels
        return 1
    return value if isinstance(value, int) else 1


def as_rgb(image: Image.Image, background: tuple[int, int, int], name: str) -> np.ndarray:
    """(H, W, 3) uint8 with transparent pixels over the background."""
    if image.mode == "F":
        raise DataError(f"{name}: float pixels have no known white; save the image with 8 or 16 bits")
    try:
        if not image.has_transparency_data:
            return np.array(image.convert("RGB"))
        layer = image.convert("RGBA")
        return np.array(Image.alpha_composite(Image.new("RGBA", layer.size, (*background, 255)), layer).convert("RGB"))
    except ValueError as error:
        raise DataError(f"{name}: the colour mode {image.mode} cannot be shown as RGB") from error


def wide_values(image: Image.Image, name: str) -> np.ndarray:
    """(H, W) uint16 of a grey image with more than 8 bits."""
    values = np.array(image)
    if values.min() < 0 or values.max() > 65535:
        raise DataError(f"{name}: grey values from {values.min()} to {values.max()}, expected at most 16 bits")
    return values.astype(np.uint16)


def _cause(error: Exception) -> str:
    return shown(str(error) or type(error).__name__)

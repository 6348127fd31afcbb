"""Recognising image files by content, and opening them: the only module that calls Pillow's decoders.

Only the formats in FORMATS are tried, so a hostile file never reaches a decoder that starts other programs. Pillow's
warnings and log messages are suppressed; errors become a DataError "<path>: <cause>".
"""

from __future__ import annotations

import importlib
import logging
import struct
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from patchcore_core.data.memory import free_memory
from patchcore_core.errors import DataError

EXTENSIONS = frozenset({
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".jfi", ".jif", ".mpo", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".gif",
    ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".pgm", ".ppm", ".pbm", ".pnm", ".avif", ".heic", ".heif", ".hif",
})  # fmt: skip
FORMATS = tuple(kind.format for kind in (
    PngImagePlugin.PngImageFile, JpegImagePlugin.JpegImageFile, BmpImagePlugin.BmpImageFile,
    BmpImagePlugin.DibImageFile, TiffImagePlugin.TiffImageFile, WebPImagePlugin.WebPImageFile,
    GifImagePlugin.GifImageFile, Jpeg2KImagePlugin.Jpeg2KImageFile, PpmImagePlugin.PpmImageFile,
))
ALWAYS = 80_000_000  # pixels up to which an image is read regardless of memory
PIXEL_BYTES = 20  # peak bytes per pixel while reading
SHARE = 0.5  # fraction of the free memory per image: two are read at once
HEIF_PLUGINS = ("pi_heif", "pillow_heif")
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEADER = 64  # bytes needed to recognise the format

warnings.filterwarnings("ignore", module=r"PIL\.")  # broken EXIF, malformed MPO and the like
logging.getLogger("PIL").setLevel(logging.CRITICAL)


def shown(path: Path | str) -> str:
    """The path as printable text on one line, whatever its characters."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in str(path))


def open_file(path: Path | str) -> BinaryIO:
    """The file, open for reading; DataError if that fails."""
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)}: {getattr(error, 'strerror', None) or 'not a usable path'}") from error


def open_image(file: BinaryIO, name: str) -> ImageFile.ImageFile:
    """The image with its header read; DataError if it is none, broken, or in an unsupported format."""
    start = _start(file)
    if not start:
        raise DataError(f"{name}: the file is empty (0 bytes)")
    try:
        image = _opened(file, start, (*FORMATS, *_more(start, name)))
    except DataError:
        raise
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{name}: broken image file ({cause_of(error)})") from error
    if image is None:
        raise DataError(f"{name}: not an image in a known format")
    return image


def refuse_if_too_large(width: int, height: int, name: str) -> None:
    """DataError if an image of more than 80 million pixels would take more than half of the free memory."""
    pixels = width * height
    if pixels > ALWAYS and pixels * PIXEL_BYTES > (room := SHARE * free_memory()):
        raise DataError(f"{name}: {width} x {height} pixels need {pixels * PIXEL_BYTES / 1e9:.1f} GB of memory to "
                        f"read, more than the {room / 1e9:.1f} GB available")  # fmt: skip


def cause_of(error: Exception) -> str:
    """The message of an error on one printable line."""
    return shown(str(error) or type(error).__name__)


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(_HEADER)
    file.seek(0)
    return start


def _opened(file: BinaryIO, start: bytes, formats: tuple[str, ...]) -> ImageFile.ImageFile | None:
    """As Image.open, but without its warning and limit for large images."""
    for name in formats:
        factory, accepts = Image.OPEN[name]
        try:
            if accepts is not None and accepts(start) is not True:
                continue
            file.seek(0)
            return factory(file, "")
        except (SyntaxError, IndexError, TypeError, struct.error):  # how it reports another format
            continue
    return None


def _brand(start: bytes) -> str | None:
    """HEIC or AVIF by the brands in the first box, None for other files."""
    if start[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(start[:4], "big"), len(start))
    brands = {start[8:12], *(start[place : place + 4] for place in range(16, length - 3, 4))}
    return "AVIF" if brands & _AVIF_BRANDS else "HEIC" if brands & _HEIF_BRANDS else None


def _more(start: bytes, name: str) -> tuple[str, ...]:
    """Pillow's name of a format that only some installations support; DataError if this one does not."""
    brand = _brand(start)
    if brand is None:
        return ()
    if brand == "AVIF":
        from PIL import features

        if "avif" in features.modules and features.check("avif"):
            from PIL import AvifImagePlugin

            return (AvifImagePlugin.AvifImageFile.format,)
        raise DataError(f"{name}: an AVIF image, which Pillow reads from version 11.3 on; update the package pillow")
    for plugin in HEIF_PLUGINS:
        try:
            importlib.import_module(plugin).register_heif_opener()
        except ImportError:
            continue
        return ("HEIF",)
    raise DataError(f"{name}: a HEIC image, which needs the package pi-heif: pip install pi-heif")

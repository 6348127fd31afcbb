"""Image files in unsupported formats, recognised by extension or first bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from patchcore_core.data.files.tree import Tree
from patchcore_core.data.images import shown

RAW = frozenset({  # raw formats: a TIFF reader finds only a small preview in them
    ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".pef", ".srw",
    ".x3f", ".3fr", ".iiq", ".raw",
})  # fmt: skip
KINDS = RAW | frozenset({
    ".jfif", ".jpe", ".jfi", ".jif", ".jp2", ".j2k", ".jpf", ".jpx", ".jpm", ".jxl", ".jxr", ".hdp", ".wdp", ".heic",
    ".heif", ".hif", ".avif", ".avifs", ".apng", ".webp", ".dib", ".ico", ".icns", ".tga", ".pcx", ".pbm", ".pgm",
    ".ppm", ".pnm", ".pam", ".pfm", ".hdr", ".exr", ".psd", ".psb", ".xcf", ".svg", ".qoi", ".sgi", ".ras", ".dds",
    ".dcm", ".dicom", ".czi", ".lsm", ".nd2",
    ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif",
})  # fmt: skip
_STARTS = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"8BPS",
    b"\x76\x2f\x31\x01", b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51", b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n",
    b"qoif", b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"gimp xcf", b"#?RADIANCE", b"DDS ",
    b"\x01\xda\0\1", b"\x01\xda\0\2", b"\x01\xda\1\1", b"\x01\xda\1\2",
)  # fmt: skip
_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ")  # after "ftyp"
HEAD = 132  # bytes read
MOST_LOOKS = 20_000  # files opened below one folder


def looks_like_an_image(head: bytes) -> bool:
    """Whether a file that begins with these bytes (HEAD of them, or the whole file) is in some image format."""
    if head.startswith(_STARTS) or head[128:132] == b"DICM":
        return True
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    if head[4:8] == b"ftyp":
        return head[8:12] in _BRANDS
    if head[:2] == b"BM":  # two letters are weak evidence: also check the reserved bytes and the size
        return head[6:10] == b"\0\0\0\0" and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")
    return head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace() and head[3:4] in b"#0123456789"


class Looks:
    """A budget of files to open for their first bytes."""

    def __init__(self, most: int = MOST_LOOKS) -> None:
        self.left = most

    def is_image(self, path: Path) -> bool:
        """Whether the file is an image by extension or first bytes; False if it cannot be opened."""
        if path.suffix.lower() in KINDS:
            return True
        if self.left <= 0 or not path.is_file():  # opening a pipe would block
            return False
        self.left -= 1
        try:
            with open(path, "rb") as file:
                return looks_like_an_image(file.read(HEAD))
        except OSError:
            return False


def unread_images(folder: Path, tree: Tree | None = None, looks: Looks | None = None) -> list[Path]:
    """Files in a folder that are images by extension or first bytes, but in an unsupported format."""
    looks = looks or Looks()
    return [path for path in (tree or Tree()).listed(folder).others if looks.is_image(path)]


def unread_sentence(folder: Path, unread: Sequence[Path]) -> str:
    """The sentence on such files in a folder."""
    kinds = Counter(shown(path.suffix.lower()) or "no extension" for path in unread)
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(5))
    return (f"{shown(folder)}: {so_many(len(unread), 'image file')} not read because of the extension ({listed}; "
            f"first: {shown(unread[0].name)})")


def counted(number: int, what: str) -> str:
    """"1 image", "2 images"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def so_many(number: int, what: str) -> str:
    """"1 image is", "2 images are"."""
    return f"{counted(number, what)} {'is' if number == 1 else 'are'}"

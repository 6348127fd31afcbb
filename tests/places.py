"""Where the repository lies, wherever tests are started from, and what lies in folders."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def files_in(*folders: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of each file and folder below these, themselves included, by its path."""
    found = [path for folder in folders if folder.exists() for path in (folder, *folder.rglob("*"))]
    return {str(path): (status.st_size if path.is_file() else 0, status.st_mtime_ns)
            for path in found for status in [path.stat()]}

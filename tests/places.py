"""Where the repository lies, wherever tests are started from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

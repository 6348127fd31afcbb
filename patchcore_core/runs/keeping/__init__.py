"""Keeping many runs: remembered records, the trash, the disk they take, runs without maps, runs as files."""

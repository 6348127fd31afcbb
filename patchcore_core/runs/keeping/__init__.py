"""Keeping many runs: the trash, the disk they take, runs without maps, runs as files."""

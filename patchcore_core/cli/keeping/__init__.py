"""The commands that keep many runs: labels, the trash, the disk, runs as files."""

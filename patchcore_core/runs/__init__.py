"""Runs on disk, and nothing else."""

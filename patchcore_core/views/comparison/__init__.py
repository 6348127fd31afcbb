"""Comparing any number of runs: which to choose, how to name them, tables and plots."""

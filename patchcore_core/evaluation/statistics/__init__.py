"""Confidence intervals, significance tests, comparisons of runs."""

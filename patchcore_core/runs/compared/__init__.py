"""What comparisons read of runs: figures of resamples, costs."""

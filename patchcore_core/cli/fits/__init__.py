"""The commands that make runs: `fit` with its forecast, and `teach`."""

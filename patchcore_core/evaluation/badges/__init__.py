"""Data checks of a run: what may make its figures better or worse than they should be."""

"""Runs of a store as the screens of the page Present and of a report."""

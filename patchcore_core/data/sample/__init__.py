"""The built-in sample set, rendered by code."""

"""The built-in sample set, drawn by our own code."""

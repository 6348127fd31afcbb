"""A report: runs in plain words with all that can be looked into, as one HTML file that needs no network."""

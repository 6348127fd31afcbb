"""Verdicts and saved views, in one file of the store."""

"""Whole fits, several of them together."""

"""Choosing a threshold, and what it decides."""

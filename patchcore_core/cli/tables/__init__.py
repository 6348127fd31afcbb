"""Runs and their figures as tables for people, and as CSV."""

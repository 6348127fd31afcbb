"""Likely causes of missed defects and false alarms."""

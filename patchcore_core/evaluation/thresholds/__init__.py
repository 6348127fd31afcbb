"""Threshold methods, predictions and costs."""

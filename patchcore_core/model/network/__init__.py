"""Pretrained networks, their weights and engines."""

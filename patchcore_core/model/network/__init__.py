"""Pretrained networks: which there are, their weights, and how they run on this machine."""

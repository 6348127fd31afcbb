"""Fits as jobs in separate processes: the queue, sweeps over settings, and the first start."""

"""Fitting as a job: a process of its own, the queue, several values of a setting, and the first start."""

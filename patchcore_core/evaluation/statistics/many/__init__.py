"""Any number of runs: the best, means, what a field does, what quality costs."""

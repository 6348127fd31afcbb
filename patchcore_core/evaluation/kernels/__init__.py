"""Machine code for counting scores and trimming maps."""

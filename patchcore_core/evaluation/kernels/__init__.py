"""Machine code for counting scores."""

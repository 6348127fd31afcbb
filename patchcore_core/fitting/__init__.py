"""From photos to a finished run, what that will cost, and judging a stored run again."""

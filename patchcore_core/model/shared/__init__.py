"""What fits of the same photos have in common, kept in memory from one to the next."""

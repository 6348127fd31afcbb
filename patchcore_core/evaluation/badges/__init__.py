"""What the figures of a run have seen, and how far they can be trusted for that."""

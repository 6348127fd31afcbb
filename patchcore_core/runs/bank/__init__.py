"""What a run keeps about the rows of its memory bank."""

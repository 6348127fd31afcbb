"""What people ask about the memory bank of a finished run: it takes the network and the photos again."""

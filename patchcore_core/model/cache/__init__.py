"""What the network gives for a photo, kept on disk, so that a later fit with the same network need not run it."""

"""Leave-one-out scores of training images."""

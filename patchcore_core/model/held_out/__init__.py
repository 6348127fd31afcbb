"""Good training images scored as if the memory bank did not know them."""

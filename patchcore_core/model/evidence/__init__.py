"""Why a photo scores what it does: the nearest bank rows of its patches, and the image score step by step."""

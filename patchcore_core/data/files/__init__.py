"""Single files on disk: how they are called, what kinds they are, and their pixels as they are stored."""

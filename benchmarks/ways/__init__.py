"""The other ways that are measured beside ours."""

"""A whole run as one checked file, and back."""

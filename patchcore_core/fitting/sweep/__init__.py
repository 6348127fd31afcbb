"""Several fits together: their plan, what they cost, and the order in which they share."""

"""A run in plain words for people who read no curves: sentences, costs, examples, and what they do not tell."""

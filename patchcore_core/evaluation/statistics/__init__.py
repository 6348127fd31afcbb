"""How far figures, and differences between them, can be trusted."""

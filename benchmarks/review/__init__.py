"""Review in a real browser: its runs, its server, and what a visitor does."""

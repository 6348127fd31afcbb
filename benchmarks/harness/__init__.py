"""What benchmarks share: processes of their own, turns, figures, pictures, made-up material."""

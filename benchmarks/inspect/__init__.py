"""What Inspect does with photos of other parts, and with many or hostile uploads."""

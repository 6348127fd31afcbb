"""From photos to a finished run, its forecast, and re-evaluating stored runs."""

"""Why an image was missed or raised a false alarm."""

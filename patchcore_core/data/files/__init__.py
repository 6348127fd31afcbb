"""Single files: names, formats, stored pixels, orientation, content keys."""

"""`score`: photos in, maps, pictures and tables out."""

"""What the widgets of views/web are given, from plain numbers, without a server."""

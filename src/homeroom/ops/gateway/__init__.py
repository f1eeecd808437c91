"""The import server, and the computers that send to it."""

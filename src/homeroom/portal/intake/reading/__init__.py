"""Reads files into their stages and checks rows against each other. Nothing here writes a table that lasts."""

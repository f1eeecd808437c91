"""Aliases: a student is shown under another name."""

"""Imports sealed files: receive, open, stage, decide, apply."""

"""Erasing a student's whole record, and holds that forbid it."""

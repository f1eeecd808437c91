"""Duties of staff, and substitutes."""

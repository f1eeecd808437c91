"""Requests to correct a record (34 CFR 99.20, Ed. Code 49070)."""

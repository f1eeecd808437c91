"""Writes a counted export, and undoes an import."""

"""An export's format: ZIP and CSV within limits, and the columns, types and rules of each file as data."""

"""What an export holds: ZIP and CSV within bounds, and the columns, types and rules of each file as data."""

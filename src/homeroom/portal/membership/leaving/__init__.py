"""Former students, whose records close, and requests to inspect a record."""

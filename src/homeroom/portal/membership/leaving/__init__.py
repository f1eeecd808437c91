"""Former students: when their records close, and requests to inspect them."""

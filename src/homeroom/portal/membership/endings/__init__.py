"""Access that is over, and what ends with it."""

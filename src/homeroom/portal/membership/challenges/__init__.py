"""A family challenges an adult's access: what closes, what the office writes to each of the two, and its decision."""

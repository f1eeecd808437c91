"""What happens when a student leaves, and requests to inspect a record."""

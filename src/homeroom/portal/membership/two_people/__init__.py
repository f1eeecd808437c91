"""Second approvals, and the administrators who give them."""

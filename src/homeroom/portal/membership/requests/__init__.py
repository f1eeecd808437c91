"""Requests to see a child's record or to get a student's account, and how an office answers them."""

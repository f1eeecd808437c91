"""A sealed file's way into the database: receive, open, stage, decide, apply."""

"""One district's portal: its pages, its import, its database."""

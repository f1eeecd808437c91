"""Access settings: the district's choices about who sees what, and their previews."""

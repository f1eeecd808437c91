"""One portal: making, moving, upgrading and removing it, its settings and its access log."""

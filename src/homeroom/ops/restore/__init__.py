"""Makes a portal again from a backup, and rehearses that."""

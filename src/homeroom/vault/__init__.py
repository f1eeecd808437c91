"""The vault: sealed backups, where they are kept and for how long, and how they are restored."""

"""The vault: sealed backups, where they lie, how long, and the way back."""

"""Backups: the nightly run, the vault's rounds, keys, and what is wrong with them. The format is in homeroom.vault."""

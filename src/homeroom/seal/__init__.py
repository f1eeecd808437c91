"""Sealed files: what can be told from outside, the keys, sealing, receipts and, apart from all else, opening."""

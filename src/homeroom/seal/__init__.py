"""Sealed files: their outside, the keys, sealing, receipts and, kept apart from everything else, opening."""

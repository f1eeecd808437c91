"""The ledger: every look and change, append-only, chained by the sealer."""

"""The access log: every view and change, append-only, chained by the sealer."""

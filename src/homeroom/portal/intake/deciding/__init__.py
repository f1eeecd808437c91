"""Says what a settled export would change: counts, the change set, and what an approval leaves out."""

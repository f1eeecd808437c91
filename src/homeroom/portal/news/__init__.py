"""What a school publishes: short news in plain words, to families, to staff, or to both. No record of a student is in it."""

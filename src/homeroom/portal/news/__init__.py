"""News that a school or the district publishes to families, staff or both. It contains nothing from a student's record."""

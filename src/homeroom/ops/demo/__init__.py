"""Made-up districts, and a temporary portal for a district's own export."""

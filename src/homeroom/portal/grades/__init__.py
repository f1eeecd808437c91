"""Scores and class grades as the district published them."""

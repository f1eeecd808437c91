"""Made-up districts, for demonstrations, tests and measurements. No district's data is ever used for that."""

"""Incidents: what is recorded about one, its clocks, who is affected, and the letters to them."""

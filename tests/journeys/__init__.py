"""Journeys through a whole installation: `make demo-check` plays the named ones (run.py), and test_*.py breaks the gateway's."""

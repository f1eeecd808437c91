"""Judges an export without a database: its rows, their faults, and whether the export is applied, put on hold or refused."""

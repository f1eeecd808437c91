"""Attendance marks and what the district's local codes mean."""

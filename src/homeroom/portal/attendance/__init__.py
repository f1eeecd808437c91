"""Attendance marks and the meanings of the district's local codes."""

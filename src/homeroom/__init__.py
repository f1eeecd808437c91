"""Homeroom: a school portal that districts host for families, students and staff."""

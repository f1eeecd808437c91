"""Codes, cards and letters that an office or a teacher prints."""

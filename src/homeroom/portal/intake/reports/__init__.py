"""Tells the district's IT contact by email what happened to a file, or that none came."""

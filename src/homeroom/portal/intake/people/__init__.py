"""Finds who in a file is whom in the portal: former sourcedIds, questions and their answers."""

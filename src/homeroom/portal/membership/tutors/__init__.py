"""Tutors: the district's answer, the family's consent, and how access ends."""

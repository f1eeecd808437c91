"""Turns off deadlines, because property tests here check correctness, and a deadline would fail by chance on a busy computer."""

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

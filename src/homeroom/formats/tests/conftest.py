"""Property tests here weigh correctness, not time: on a busy machine a deadline would fail by chance."""

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

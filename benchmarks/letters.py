"""The letters of an incident on paper: how many a second two processes lay out. A sample is enough, because each PDF has 25 letters and knows no other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from time import perf_counter
from uuid import uuid4

from benchmarks.figures import Figure, at_least
from homeroom.portal.incidents.letter_sheets import PER_FILE, sheets_of
from homeroom.portal.incidents.letters import Sender
from homeroom.portal.incidents.queries import PaperLetter
from homeroom.portal.letters.press import printed_many

SAMPLE, PER_BATCH = 5_000, 1_000  # a batch is what a person prints at once
WORDS = "Someone used a teacher’s account to open the gradebooks of five classes between March 2 and March 9. We closed the account on the same day."
PART = "\n\n".join([WORDS] * 2)


def figures(sender: Sender) -> Iterator[Figure]:
    text = {"what_happened": PART, "doing": PART, "can_do": PART}
    said = {"en": text, "es": text, "start": datetime.now(UTC).isoformat(), "data": {"students: names": 9, "students: grades": 9}, "notice": "first notice"}
    release = uuid4()
    letters = [
        PaperLetter(uuid4(), release, f"Ana Ruiz {number}", "es" if number % 3 else "en", datetime.now(UTC), [f"Nina {number}"], False)
        for number in range(SAMPLE)
    ]
    began = perf_counter()
    for first in range(0, SAMPLE, PER_BATCH):
        for _ in printed_many("breach.typ", sheets_of(sender, letters[first : first + PER_BATCH], {str(release): said})):
            pass
    rate = SAMPLE / (perf_counter() - began)
    beside = f"{SAMPLE:,} letters of two pages, {PER_FILE} a file; load {getloadavg()[0]:.1f} on {cpu_count()} cores"
    yield at_least("letters about an incident laid out and tagged, a second", rate, 200, beside)

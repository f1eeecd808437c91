"""Builds the notice about a file that waits for a decision, on the list of files."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.portal.intake.office import pages_words
from homeroom.portal.intake.office.decision_pages import WAITING
from homeroom.portal.intake.office.pages import title_of
from homeroom.portal.intake.office.queries import Delivered


@dataclass(frozen=True, slots=True)
class OnHold:
    number: int
    title: str
    why: str


def on_hold(found: Sequence[Delivered]) -> OnHold | None:
    """Returns the oldest of these files that someone can decide about now. `found` are the newest first."""
    waiting = [file for file in found if file.state == "held" and file.reason not in WAITING]
    if not waiting:
        return None
    file = waiting[-1]
    return OnHold(file.number, title_of(file.came), pages_words.sentence(file.reason, file.numbers))

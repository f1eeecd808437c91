"""The office's queue of requests to inspect and to correct records. Pure functions: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in
from homeroom.portal.membership.leaving.pages import asked_rows
from homeroom.portal.membership.leaving.pages import told_office as told_of_inspection
from homeroom.portal.membership.leaving.queries import InspectionAsked
from homeroom.portal.privacy.corrections.pages import asked_requests
from homeroom.portal.privacy.corrections.pages import told_office as told_of_correction
from homeroom.portal.privacy.corrections.queries import CorrectionAsked

OPEN = ("waiting", "hearing", "agreed")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """`may`: it waits for the office, for a hearing or for an import."""

    path: str
    title: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    may: bool


def queue(inspections: Sequence[InspectionAsked], corrections: Sequence[CorrectionAsked]) -> list[QueueRow]:
    """Returns open requests, the earliest due date first, then the others, the last answered first."""
    found = [
        *((_place(each), QueueRow(f"/office/inspections/{row.uuid}", row.name, (_("To inspect the record"), *row.facts), row.tag, row.may))
          for each, row in zip(inspections, asked_rows(inspections), strict=True)),
        *((_place(each), QueueRow(f"/office/corrections/{row.uuid}", row.title, (_("To correct the record"), *row.facts), row.tag, row.may))
          for each, row in zip(corrections, asked_requests(corrections), strict=True)),
    ]  # fmt: skip
    return [row for _place, row in sorted(found, key=itemgetter(0))]


def _place(each: InspectionAsked | CorrectionAsked) -> tuple[bool, float, str]:
    is_open = each.state in OPEN
    return not is_open, each.due.toordinal() if is_open else -(each.answered_at or each.asked_at).timestamp(), str(each.uuid)


def told(then: str) -> Reply | None:
    """Says what the reader just did on the page of one request."""
    return told_of_inspection(then) if answer_in(then) in (Answer.OPENED, Answer.ON_PAPER) else told_of_correction(then)

"""The texts of the page about a restoration. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, answer_in
from homeroom.portal.membership.restore.queries import Note, Restoration
from homeroom.portal.membership.restore.words import note_said, outcome_said
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class NoteLine:
    """`fact` is the kind and the outcome, for `data-said`. A note about someone related to the reader says neither."""

    when: str
    said: str
    fact: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class RestorationPage:
    """`missing` is a warning, or "" if every note arrived. `more` is the place that the next page starts after.

    `state` is the state of the second approval. `may_propose` shows the form."""

    uuid: UUID
    lead: str
    facts: tuple[str, ...]
    missing: str
    lines: tuple[NoteLine, ...]
    more: int | None
    counted: str
    is_empty: bool
    has_unknown: bool
    state: str
    may_propose: bool
    waits: bool


def page_of(found: Restoration, notes: Sequence[Note]) -> RestorationPage:
    return RestorationPage(
        found.uuid,
        _lead(found),
        tuple(dates.one_stop(fact) for fact in _facts(found)),
        _missing(found),
        tuple(_line(note) for note in notes),
        notes[-1].place if notes and notes[-1].has_more else None,
        ngettext("%(n)s note", "%(n)s notes", found.notes) % {"n": found.notes},
        found.notes == 0,
        any(note.outcome == "unknown" for note in notes),
        _state(found),
        may_propose=found.confirmed_at is None and not found.waits,
        waits=found.waits,
    )


def _line(note: Note) -> NoteLine:
    fact = "kept" if note.is_kept else f"{note.kind}: {note.outcome}"
    return NoteLine(moment(note.at), note_said(note), fact, outcome_said(note.outcome))


def _lead(found: Restoration) -> str:
    if found.confirmed_at is not None:
        return dates.one_stop(_("Sign-in has been open again since %(when)s.") % {"when": moment(found.confirmed_at)})
    return _("Only the district’s administrators can sign in. Read this page, then open sign-in. Opening it needs a second approval.")


def _facts(found: Restoration) -> list[str]:
    times = {"from": moment(found.snapshot_at), "until": moment(found.restored_at), "number": found.number}
    return [
        _("Backup %(number)s, taken %(from)s.") % times,
        _("Restored %(until)s.") % times,
        _("Data entered between these two times is lost, usually one day at most."),
    ]


def _missing(found: Restoration) -> str:
    if not found.missing_notes:
        return ""
    return ngettext(
        "%(n)s note is missing. What it closed is open again, and there is no record of what that was.",
        "%(n)s notes are missing. What they closed is open again, and there is no record of what that was.",
        found.missing_notes,
    ) % {"n": found.missing_notes}


def _state(found: Restoration) -> str:
    by = {"name": found.proposer or "", "second": found.second or ""}
    if found.waits:
        return _("%(name)s proposed to open sign-in. Another administrator confirms it.") % by
    if found.confirmed_at is not None and found.proposer:
        return _("Opened by %(name)s and %(second)s.") % by
    return ""


def wrong_with(then: Answer | str) -> str:
    """Returns the form's message if nothing was proposed."""
    return {
        Answer.WHY: _("Write what you compared. The other administrators can read it."),
        Answer.AGAIN: _("Too much time has passed. Confirm it’s you again."),
    }.get(answer_in(then), _("Someone else has already proposed or confirmed it. This page shows the current state."))

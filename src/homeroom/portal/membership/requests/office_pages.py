"""The texts of the office's pages about requests. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.membership.requests.queries import PAGE, Claimed, Record, Waiting, Wanted
from homeroom.portal.membership.words import evidences
from homeroom.portal.wording import dates
from homeroom.portal.wording.claims import relations
from homeroom.portal.wording.statements import statements_said

WHICH = ("check", "exact", "answered")
BESIDE, BEFORE = 8, 3  # rows of the queue next to a request, and how many of them come before it
PARENT, GRANDPARENT = ("parent", "parent/guardian"), ("grandparent", "relative")
WIDER = {  # less specific words that a file may use
    "mother": PARENT, "father": PARENT, "parent": ("parent/guardian",), "guardian": ("parent/guardian", "legal guardian"),
    "grandmother": GRANDPARENT, "grandfather": GRANDPARENT, "grandparent": ("relative",), "aunt": ("relative",), "uncle": ("relative",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequestRow:
    path: str
    uuid: UUID
    name: str
    what: str
    waits: str
    is_overdue: bool
    is_shown: bool = False  # this request is on the page next to the queue


@dataclass(frozen=True, slots=True)
class Queue:
    """`more` is the number that the next page starts after. None means that there is no next page."""

    which: str
    school: str
    query: str
    lead: str
    to_check: int
    exact: int
    rows: tuple[RequestRow, ...]
    more: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """`mark` is Same, Fits, Different, Not given or Not on file. `differs` is true unless they are the same or fit. `icon` belongs to the mark."""

    field: str
    typed: str
    ours: str
    mark: str
    differs: bool
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    student: UUID
    name: str
    small: str
    is_barred: bool
    is_tied: bool
    rows: tuple[Compared, ...]
    contact: str  # the contact that an approval joins with the requester, if the office says so. "" means none
    contact_words: str
    is_named: bool  # the contact has the requester's name
    is_unclear: bool  # several contacts fit
    statements: tuple[str, ...]


def queue_page(wanted: Wanted, counts: tuple[int, int, int], found: Sequence[Waiting], today: date) -> Queue:
    shown, query = found[:PAGE], query_of(wanted)
    rows = tuple(RequestRow(f"/office/approvals/{each.uuid}{query}", each.uuid, each.adult, _what(each), _when(each, today), each.is_overdue) for each in shown)
    more = shown[-1].number if len(found) > PAGE else None
    return Queue(wanted.which, str(wanted.school or ""), query, lead_of(*counts), *counts[:2], rows, more)


def query_of(wanted: Wanted, then: Answer | str = "") -> str:
    """Returns the end of an address that shows this page of the queue: nothing for the first page of all schools."""
    words = {"which": wanted.which if wanted.which != WHICH[0] else "", "school": wanted.school, "after": wanted.after, "then": then}
    given = urlencode({name: word for name, word in words.items() if word})
    return f"?{given}" if given else ""


def beside(queue: Queue, request: UUID) -> Queue:
    """Returns the few rows around this request, or the first rows if it isn't on this page of the queue."""
    here = next((place for place, row in enumerate(queue.rows) if row.uuid == request), 0)
    first = max(min(here - BEFORE, len(queue.rows) - BESIDE), 0)
    return replace(queue, rows=tuple(replace(row, is_shown=row.uuid == request) for row in queue.rows[first : first + BESIDE]))


def lead_of(to_check: int, exact: int, overdue: int = 0) -> str:
    waiting = to_check + exact
    if not waiting:
        return _("No one is waiting for an answer.")
    words = ngettext("%(n)s request is waiting.", "%(n)s requests are waiting.", waiting) % {"n": waiting}
    matched = ngettext("%(n)s matches our records exactly.", "%(n)s match our records exactly and can be approved together.", exact) % {"n": exact}
    late = ngettext("%(n)s has waited for more than 7 days.", "%(n)s have waited for more than 7 days.", overdue) % {"n": overdue}
    return " ".join([words, *([matched] if exact else []), *([late] if overdue else [])])


def _what(each: Waiting) -> str:
    if each.is_self:
        return _what_of_student(each)
    if each.state == "waiting":
        return _compared(_("for %(child)s, %(school)s") % {"child": each.child, "school": each.school}, each)
    said = {"approved": _("approved by %(name)s, for %(child)s"), "declined": _("declined by %(name)s, for %(child)s")}
    evidence = evidences().get(each.evidence, "")
    words = said[each.state] % {"name": each.answerer, "child": each.child}
    return f"{words}: {evidence}" if evidence else words


def _compared(words: str, each: Waiting) -> str:
    """Adds what the jobs process found. "No single record" can mean none, or two with the same name and birth date."""
    if each.has_match is None:
        return _("%(words)s. Not compared with our records yet") % {"words": words}
    return words if each.has_match else _("%(words)s. No single record has this name and birth date") % {"words": words}


def _what_of_student(each: Waiting) -> str:
    if each.state == "waiting":
        return _compared(_("for an account as a student of %(school)s") % {"school": each.school}, each)
    said = {"approved": _("account approved by %(name)s"), "declined": _("account declined by %(name)s")}
    evidence = evidences().get(each.evidence, "")
    words = said[each.state] % {"name": each.answerer}
    return f"{words}: {evidence}" if evidence else words


def _when(each: Waiting, today: date) -> str:
    """Returns the day, and for a waiting request how many days ago it was."""
    if each.state != "waiting" and each.answered_at:
        return dates.plain_day(dates.local(each.answered_at))
    asked = dates.local(each.asked_at)
    days = (today - asked).days
    words = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return f"{dates.plain_day(asked)}, {words}" if days else dates.plain_day(asked)


def asks_of(claim: Claimed) -> str:
    """Says who asks for what, and since when."""
    said = {"name": claim.adult, "child": claim.child, "day": dates.day(dates.local(claim.asked_at))}
    if claim.is_self:
        return dates.one_stop(_("%(name)s asks for an account as a student. Sent %(day)s.") % said)
    return dates.one_stop(_("%(name)s asks to see %(child)s’s record. Sent %(day)s.") % said)


def matches_of(claim: Claimed, found: Sequence[Record]) -> tuple[Match, ...]:
    return tuple(_match(claim, record) for record in found)


def _match(claim: Claimed, record: Record) -> Match:
    level = record.grade_levels[0].lstrip("0") or "K" if record.grade_levels else ""
    school = _("%(school)s, grade %(level)s") % {"school": record.school, "level": level} if level and record.school else record.school or ""
    theirs = _of_student(claim, record) if claim.is_self else _of_parent(claim, record)
    small = ngettext("%(n)s field agrees.", "%(n)s fields agree.", same := sum(not row.differs for row in theirs)) % {"n": same}
    ordered = tuple(sorted(theirs, key=lambda row: not row.differs))
    on_file = None if claim.is_self else record.on_file
    words = ", ".join(filter(None, (on_file.name, on_file.relation))) if on_file else ""
    contact, is_named = (on_file and on_file.contact) or "", bool(on_file) and any(row.field == _("Adult") and not row.differs for row in theirs)
    is_unclear = bool(on_file) and not contact
    return Match(record.student, record.name, f"{school}. {small}", record.is_barred, record.is_tied, ordered, contact, words, is_named, is_unclear,
                 statements_said(record.statement))  # fmt: skip


def _of_student(claim: Claimed, record: Record) -> tuple[Compared, ...]:
    emails = record.on_file.emails if record.on_file else []
    return (
        compared(_("Student"), claim.child, record.name, record.same_name),
        compared(_("Birthday"), dates.dated_day(claim.birth_date), dates.dated_day(record.birth_date) if record.birth_date else "", record.same_birth),
        compared(_("School"), claim.school or "", record.school or ""),
        compared_address(claim.address, emails),
    )


def _of_parent(claim: Claimed, record: Record) -> tuple[Compared, ...]:
    contact = record.on_file
    emails, phones = (contact.emails, contact.phones) if contact else ([], [])
    return (
        compared(_("Child"), claim.child, record.name, record.same_name),
        compared(_("Child’s birthday"), dates.dated_day(claim.birth_date), dates.dated_day(record.birth_date) if record.birth_date else "", record.same_birth),
        compared(_("School"), claim.school or "", record.school or ""),
        compared_address(claim.address, emails),
        compared(_("Adult"), claim.adult, contact.name if contact else ""),
        compared(_("Phone"), claim.phone, ", ".join(phones), bool(digits(claim.phone)) and digits(claim.phone) in map(digits, phones)),
        compared_relation(claim.relation, contact.relation if contact else ""),
    )


def compared_address(proven: str | None, ours: Sequence[str]) -> Compared:
    row = compared(_("Email"), proven or "", ", ".join(ours), (proven or "").casefold() in (each.casefold() for each in ours))
    return row if proven else replace(row, typed=_("none confirmed"), icon="")


def compared_relation(typed: str, ours: str) -> Compared:
    """Compares codes, not their words in the reader's language. A file that says parent doesn't contradict father. `ours` has one relation, or several with
    commas."""
    codes = [code.strip() for code in ours.casefold().split(",") if code.strip()]
    words = ", ".join(relation_of(code.strip()) for code in ours.split(",") if code.strip())
    row = compared(_("Relation"), relations().get(typed, typed), words, typed in codes)
    fits = any(code in WIDER.get(typed, ()) or typed in WIDER.get(code, ()) for code in codes)
    return replace(row, mark=pgettext("of two fields", "Fits"), differs=False, icon="check") if fits and row.differs else row


def compared(field: str, typed: str, ours: str, is_same: bool | None = None) -> Compared:
    """`is_same` overrides the comparison of the words. A value that isn't given or isn't on file counts as different, because it proves nothing."""
    if not typed or not ours:
        return Compared(field, typed, ours, _("Not given") if ours else _("Not on file"), differs=True)
    same = typed.casefold() == ours.casefold() if is_same is None else is_same
    mark, icon = (_("Same"), "check") if same else (pgettext("of two fields", "Different"), "cross")
    return Compared(field, typed, ours, mark, not same, icon)


def digits(text: str) -> str:
    """Returns the last ten digits: 5550100177 for +1 (555) 010-0177."""
    return "".join(letter for letter in text if letter.isdigit())[-10:]


def said_of(then: Answer | str, claim: Claimed | None = None) -> Reply | None:
    """Returns the message about an answer, and whether it succeeded."""
    meanwhile = _("Someone else has already answered this.")
    if claim and claim.answerer and claim.answered_at:
        meanwhile = _("%(name)s already answered this at %(time)s.") % {"name": claim.answerer, "time": dates.clock(claim.answered_at)}
    said: dict[Answer | str, tuple[str, bool]] = {
        Answer.APPROVED: (_("Approved. The next request is below.") if claim else _("Approved. No one else is waiting."), True),
        Answer.DECLINED: (_("Declined. The next request is below.") if claim else _("Declined. No one else is waiting."), True),
        Answer.TAKEN: (meanwhile, False),
        Answer.BARRED: (_("Not approved. A restriction is on file for this person and this child."), False),
        Answer.ACCOUNT: (_("Not approved. This student already has an account. Decline this request, and print a one-use code if needed."), False),
        Answer.TIED: (_("Not approved. This person already has access to the child’s record."), False),
        Answer.CHALLENGED: (
            _(
                "Not approved. The family challenged this person, and an administrator decides. "
                "For a year after a challenge, only contacts in the district’s record can get access."
            ),
            False,
        ),
        Answer.ACCOUNTS: (_("Not approved. Parent access is turned off for this student."), False),
        Answer.EVIDENCE: (_("Choose how you checked this person’s identity. A relative needs the affidavit. Some districts check everyone in person."), False),
        "chosen": (_("Choose the record that this request is about."), False),
        Answer.AGAIN: (_("Confirm it’s you, then answer."), False),
        "none": (_("Check the requests to approve."), False),
    }
    return words_for(then, said)

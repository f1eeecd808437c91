"""Words of the pages about a student's ties, restrictions, contacts and parents' accounts. Pure: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer
from homeroom.portal.audit.changes import relation_of, why_changed
from homeroom.portal.membership.approval_pages import kinds as view_words
from homeroom.portal.membership.keeping_queries import Found, Restricted, Student, TieKept
from homeroom.portal.wording import dates

SOON = timedelta(days=30)  # an end as near as this is marked
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    uuid: UUID
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str] | None
    path: str = ""  # of a page of its own
    code: str = ""  # where a code is printed that the adult has not had yet


def kinds() -> dict[str, str]:
    """Of ties that an office sets; a tutor's is the family's."""
    names = ("foster caregiver", "foster agency", "caseworker", "education-rights holder", "conservator", "guardian", "caregiver by affidavit", "parent")
    return {name: _capital(relation_of(name)) for name in names}


def bases() -> dict[str, str]:
    """Of a tie; each kind takes some of them (bases_of_kind)."""
    return {
        "placement": _("Placement agreement (foster care)"),
        "court order": _("Court order, or letters of a court"),
        "agency letter": _("Letter of the agency (caseworker)"),
        "surrogate": _("The district’s appointment as surrogate"),
        "affidavit": _("Caregiver’s authorization affidavit"),
        "birth record": _("Birth record"),
        "district record": _("The district’s record"),
    }


def restriction_bases() -> dict[str, str]:
    return {
        "court order": _("Court order"),
        "protective order": _("Protective or restraining order"),
        "state law": _("State law"),
        "binding document": _("Legally binding document"),
    }


def closing_bases() -> dict[str, str]:
    return {"child protection": _("Child protection"), "court order": _("Court order"), "safety": _("Safety")}


def views() -> dict[str, str]:
    return view_words() | {"ledger": _("Access log")}


def rights() -> dict[str, str]:
    return {"consent": _("Consent"), "correct": _("Ask for corrections"), "challenge": _("Challenge a parent account")}


def proofs() -> dict[str, str]:
    return {"in person": _("Seen in person"), "district record": _("Known from the district’s record")}


def students_of(found: Sequence[Student]) -> list[Line]:
    return [Line(each.uuid, each.name, (each.school or _("No school now"),), None, f"/office/ties/{each.uuid}") for each in found]


def people_of(found: Sequence[Found]) -> list[tuple[UUID, str, str]]:
    """For a choice: id, name, what is known of the person."""
    return [(each.uuid, each.name, _known(each)) for each in found]


def _known(each: Found) -> str:
    if each.is_contact:
        return _("A contact of this student")
    return _("Has an account") if each.has_account else _("No account yet")


def ties_of(found: Sequence[TieKept], student: UUID) -> list[Line]:
    return [_tie(each, student) for each in found]


def _tie(each: TieKept, student: UUID) -> Line:
    facts = [f"{_capital(relation_of(each.kind))}.", _days(each.start_date, each.end_date), _opens(each)]
    if each.relation and each.relation != each.kind:
        facts.insert(1, _("Shown as: %(relation)s.") % {"relation": relation_of(each.relation)})
    facts.append(why_changed(each.proof))
    if each.is_confidential:
        facts.append(_("Confidential: nobody else of the family reads a name."))
    code = f"/office/codes/{each.who}" if each.is_asleep and each.may_change else ""
    path = f"/office/ties/{student}/{each.uuid}" if each.may_change else ""
    return Line(each.uuid, each.adult, tuple(fact for fact in facts if fact), _tie_tag(each), path, code)


def _opens(each: TieKept) -> str:
    said = {"views": ", ".join(words.lower() for kind, words in views().items() if kind in each.views)}
    if not each.rights:
        return _("Reads: %(views)s.") % said
    said["rights"] = ", ".join(words.lower() for right, words in rights().items() if right in each.rights)
    return _("Reads: %(views)s. May: %(rights)s.") % said


def _tie_tag(each: TieKept) -> tuple[str, str]:
    return {
        "": ("imported", _("Open")),
        "barred": ("refused", _("Barred")),
        "accounts": ("closed", _("Closed to parents")),
        "age": ("waiting", _("Suspended by age")),
        "state": ("waiting", _("Suspended")),
        "over": ("closed", _("Over")),
        "early": ("waiting", _("Not begun")),
    }[each.closed_by]


def _days(start: date, end: date | None) -> str:
    """end: the first day that no longer counts, as the database keeps it; people read the last one."""
    said = {"first": dates.dated_day(start)}
    if end is None:
        return _("Since %(first)s, without an end.") % said
    return _("From %(first)s to %(last)s.") % {**said, "last": dates.dated_day(end - DAY)}


def form_of(each: TieKept, typed: QueryDict) -> dict[str, object]:
    """What the form of a tie shows: what was typed, else the tie as it is."""
    if typed:
        ticked = {"views": typed.getlist("view"), "rights": typed.getlist("right")}
        return ticked | {name: typed.get(name, "") for name in ("basis", "relation", "first", "last")}
    last = (each.end_date - DAY).isoformat() if each.end_date else ""
    ticked = {"views": [*each.views], "rights": [*each.rights]}
    return ticked | {"basis": each.basis, "relation": each.relation, "first": each.start_date.isoformat(), "last": last}


def restrictions_of(found: Sequence[Restricted], today: date, *, of_all: bool) -> list[Line]:
    return [_restriction(each, today, of_all=of_all) for each in found]


def _restriction(each: Restricted, today: date, *, of_all: bool) -> Line:
    facts = [_("Kept from %(student)s.") % {"student": each.student}] if of_all else []
    facts += [f"{restriction_bases().get(each.basis, each.basis)}.", _days(each.start_date, each.end_date)]
    if each.paper:
        facts.append(_("The paper: %(where)s.") % {"where": each.paper})
    maker = {"name": each.maker or _("the operator’s command"), "day": dates.plain_day(dates.local(each.made_at))}
    facts.append(_("Set by %(name)s, %(day)s.") % maker)
    if each.waits:
        facts.append(_("That it is lifted waits for a second person."))
    path = f"/office/ties/{each.child}" if of_all else ""
    return Line(each.uuid, each.name, tuple(map(dates.one_stop, facts)), _restriction_tag(each, today), path)


def _restriction_tag(each: Restricted, today: date) -> tuple[str, str]:
    if each.start_date > today:
        return ("waiting", _("Not begun"))
    if each.end_date and each.end_date - today <= SOON:
        return ("waiting", _("Ends soon"))
    return ("refused", _("Barred"))


def lead_of(found: Sequence[Restricted], today: date) -> str:
    soon = sum(bool(each.end_date and each.end_date - today <= SOON) for each in found)
    if not found:
        return _("Nobody is barred from a student of yours.")
    return _("%(n)s in force or to begin. Ending within 30 days: %(soon)s.") % {"n": len(found), "soon": soon}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def said_of(then: Answer | str) -> tuple[str, bool] | None:
    """What became of it, and whether it is done."""
    return {**_done(), **_odd(), **_not_joined()}.get(then)


def _done() -> dict[Answer | str, tuple[str, bool]]:
    return {
        Answer.SET: (_("The tie is set. Somebody without an account needs a code on paper: the link beside the name."), True),
        Answer.OF_AGE: (_("Access is saved, but it is not open yet. The student is 18: the student agrees, or a registrar lifts the suspension."), True),
        Answer.CHANGED: (_("The tie is changed."), True),
        Answer.ENDED: (_("The tie is ended. It opens nothing any more."), True),
        Answer.HIDDEN: (_("Confidential now: nobody else of the family reads a name."), True),
        Answer.ALIKE: (
            _("Barred, and so is every other adult of this student with the same name or address: one person may stand here twice. Lift what is wrong."),
            True,
        ),
        Answer.BARRED: (_("The person is barred, over every tie and every duty, from the first day on. Nobody tells them why."), True),
        Answer.LONGER: (_("It holds longer now."), True),
        Answer.PROPOSED: (_("Proposed. Another administrator confirms it on the page Two people; until then it holds."), True),
        Answer.KEPT: (_("Kept confidential now: no letter, and no name to anybody."), True),
        Answer.CLOSED: (_("Closed to parents’ accounts. The student’s own account works as before."), True),
        Answer.JOINED: (_("Joined. They count as one person now: one line on each list, one letter."), True),
        Answer.UNDONE: (_("They are separate again."), True),
    }


def _not_joined() -> dict[Answer | str, tuple[str, bool]]:
    said = {
        "join name": _("Choose who is the same person."),
        "join same": _("They are one person already."),
        "join barred": _("Not joined: a restriction keeps one of them from the student, and not the other. Restrict both first, or lift it."),
        "join tied": _("Not joined: both have access to the student. End the access of one account first."),
        "join challenged": _("Not joined: a challenge about one of them is open, or it ended within a year."),
        "part hidden": _("Not separated: the contact is confidential. Propose to show the contact first."),
        "part barred": _("Not separated: a restriction counts for this person. Propose to lift it first."),
    }
    return {then: (words, False) for then, words in said.items()}


def adults_of(found: Sequence[TieKept]) -> list[tuple[UUID, str]]:
    """Who may be one person with a contact: adults with access, but no tutors."""
    return [(each.who, f"{each.adult} ({each.relation or relation_of(each.kind)})") for each in found if each.kind != "tutor"]


def _odd() -> dict[Answer | str, tuple[str, bool]]:
    return {
        "whom": (_("Choose somebody, or type a given and a family name."), False),
        Answer.NAME: (_("Type a given and a family name, or choose somebody who was found."), False),
        Answer.BASIS: (_("Choose a paper that goes with it: each kind of tie rests on its own."), False),
        Answer.DAYS: (_("Choose a first day within a year, and a last day that is later and not over; of a restriction, one later than now."), False),
        Answer.CASEWORKER: (_("A caseworker’s tie ends within a year: choose a last day."), False),
        Answer.VIEWS: (_("Tick what is read. Foster caregivers and agencies always read grades and attendance."), False),
        Answer.RIGHTS: (_("Only a parent, guardian, education-rights holder or conservator consents, corrects or challenges."), False),
        Answer.RELATION: (_("The relation is too long: 60 letters at most."), False),
        Answer.PROOF: (_("Choose how you know who this is."), False),
        Answer.TIED: (_("That stands already for this person. Change what is there."), False),
        "restricted": (_("A restriction bars this person from the student: no tie is set."), False),
        Answer.CHALLENGED: (
            _(
                "A challenge is open about this adult: it is decided on the page of challenges. Or one ended within a year: then the district’s record "
                "must have the adult first."
            ),
            False,
        ),
        Answer.PAPER: (_("Say where the paper is kept, in 200 letters at most."), False),
        Answer.WORDS: (_("Write what the family reads, in 1,000 letters at most."), False),
        Answer.WHY: (_("Say why, in a few words."), False),
        Answer.TAKEN: (_("That waits for a second person already, on the page Two people."), False),
        Answer.AGAIN: (_("Confirm it’s you, then try again."), False),
    }

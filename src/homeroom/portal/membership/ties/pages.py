"""The texts of the pages about access to a student, restrictions, contacts and parent access. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.changes import relation_of, why_changed
from homeroom.portal.membership.ties.queries import FoundAdult, ListedStudent, Restricted, TieKept, TieOfAdult
from homeroom.portal.membership.words import kinds as view_words
from homeroom.portal.wording import dates

SOON = timedelta(days=30)  # ends this near are marked
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AccessLine:
    uuid: UUID
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str] | None
    path: str = ""  # if it has its own page
    code: str = ""  # page that prints a code, if the adult has not had one yet


def kinds() -> dict[str, str]:
    """Returns the kinds of access that an office can give. Only a family gives a tutor access."""
    names = ("foster caregiver", "foster agency", "caseworker", "education-rights holder", "conservator", "guardian", "caregiver by affidavit", "parent")
    return {name: _capital(relation_of(name)) for name in names}


def bases() -> dict[str, str]:
    """Returns the bases of access. Each kind takes some of them (bases_of_kind)."""
    return {
        "placement": _("Placement agreement (foster care)"),
        "court order": _("Court order or court letters"),
        "agency letter": _("Letter from the agency (caseworker)"),
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
    return {"in person": _("ID checked in person"), "district record": _("In the district’s record")}


def students_of(found: Sequence[ListedStudent]) -> list[AccessLine]:
    return [AccessLine(each.uuid, each.name, (each.school or _("No school now"),), None, f"/office/ties/{each.uuid}") for each in found]


def children_of(found: Sequence[TieOfAdult]) -> list[AccessLine]:
    """Returns the students that one adult has access to."""
    return [
        AccessLine(
            each.child,
            each.name,
            (each.school or _("No school now"), f"{_capital(relation_of(each.kind))}.", _days(each.start_date, each.end_date)),
            _tag_of(each.closed_by),
            f"/office/ties/{each.child}",
        )
        for each in found
    ]


def people_of(found: Sequence[FoundAdult]) -> list[tuple[UUID, str, str]]:
    """Returns choices: UUID, name and what is known of the person."""
    return [(each.uuid, each.name, _known(each)) for each in found]


def _known(each: FoundAdult) -> str:
    if each.is_contact:
        return _("A contact of this student")
    return _("Has an account") if each.has_account else _("No account yet")


def ties_of(found: Sequence[TieKept], student: UUID) -> list[AccessLine]:
    return [_tie(each, student) for each in found]


def _tie(each: TieKept, student: UUID) -> AccessLine:
    facts = [f"{_capital(relation_of(each.kind))}.", _days(each.start_date, each.end_date), _opens(each)]
    if each.relation and each.relation != each.kind:
        facts.insert(1, _("Shown as: %(relation)s.") % {"relation": relation_of(each.relation)})
    facts.append(why_changed(each.proof))
    if each.is_confidential:
        facts.append(_("Confidential. The rest of the family can’t see the name."))
    code = f"/office/codes/{each.who}" if each.is_asleep and each.may_change else ""
    path = f"/office/ties/{student}/{each.uuid}" if each.may_change else ""
    return AccessLine(each.uuid, each.adult, tuple(fact for fact in facts if fact), _tag_of(each.closed_by), path, code)


def _opens(each: TieKept) -> str:
    said = {"views": ", ".join(words.lower() for kind, words in views().items() if kind in each.views)}
    if not each.rights:
        return _("Can see: %(views)s.") % said
    said["rights"] = ", ".join(words.lower() for right, words in rights().items() if right in each.rights)
    return _("Can see: %(views)s. Rights: %(rights)s.") % said


def _tag_of(closed_by: str) -> tuple[str, str]:
    return {
        "": ("imported", _("Open")),
        "barred": ("refused", _("Restricted")),
        "accounts": ("closed", _("Parent access off")),
        "age": ("waiting", _("Suspended at 18")),
        "state": ("waiting", _("Suspended")),
        "over": ("closed", _("No longer in effect")),
        "early": ("waiting", _("Not started")),
    }[closed_by]


def _days(start: date, end: date | None) -> str:
    """`end` is the first day that no longer counts, as in the database. Readers see the last day that counts."""
    said = {"first": dates.dated_day(start)}
    if end is None:
        return _("Since %(first)s, with no end date.") % said
    return _("From %(first)s to %(last)s.") % {**said, "last": dates.dated_day(end - DAY)}


def form_of(each: TieKept, typed: QueryDict) -> dict[str, object]:
    """Returns the fields of the form: as typed, or else as the access is now."""
    if typed:
        ticked = {"views": typed.getlist("view"), "rights": typed.getlist("right")}
        return ticked | {name: typed.get(name, "") for name in ("basis", "relation", "first", "last")}
    last = (each.end_date - DAY).isoformat() if each.end_date else ""
    ticked = {"views": [*each.views], "rights": [*each.rights]}
    return ticked | {"basis": each.basis, "relation": each.relation, "first": each.start_date.isoformat(), "last": last}


def restrictions_of(found: Sequence[Restricted], today: date, *, of_all: bool) -> list[AccessLine]:
    return [_restriction(each, today, of_all=of_all) for each in found]


def _restriction(each: Restricted, today: date, *, of_all: bool) -> AccessLine:
    facts = [_("Restricted from %(student)s’s record.") % {"student": each.student}] if of_all else []
    facts += [f"{restriction_bases().get(each.basis, each.basis)}.", _days(each.start_date, each.end_date)]
    if each.paper:
        facts.append(_("Paper kept at: %(where)s.") % {"where": each.paper})
    maker = {"name": each.maker or _("the operator’s command"), "day": dates.plain_day(dates.local(each.made_at))}
    facts.append(_("Added by %(name)s, %(day)s.") % maker)
    if each.waits:
        facts.append(_("Lifting it needs a second approval."))
    path = f"/office/ties/{each.child}" if of_all else ""
    return AccessLine(each.uuid, each.name, tuple(map(dates.one_stop, facts)), _restriction_tag(each, today), path)


def _restriction_tag(each: Restricted, today: date) -> tuple[str, str]:
    if each.start_date > today:
        return ("waiting", _("Not started"))
    if each.end_date and each.end_date - today <= SOON:
        return ("waiting", _("Ends soon"))
    return ("refused", _("Restricted"))


def lead_of(found: Sequence[Restricted], today: date) -> str:
    soon = sum(bool(each.end_date and each.end_date - today <= SOON) for each in found)
    if not found:
        return _("No restrictions for your students.")
    return _("%(n)s current or upcoming. Ending within 30 days: %(soon)s.") % {"n": len(found), "soon": soon}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def said_of(then: Answer | str) -> Reply | None:
    """Returns the message about an act, and whether it succeeded."""
    return words_for(then, {**_done(), **_odd(), **_not_joined()})


def _done() -> dict[Answer | str, tuple[str, bool]]:
    return {
        Answer.SET: (_("Access saved. If this person has no account, print a code with the link next to the name."), True),
        Answer.OF_AGE: (_("Access is saved but not open yet, because the student is 18. It opens when the student agrees or a registrar lifts "
                          "the suspension."), True),
        Answer.CHANGED: (_("Access changed."), True),
        Answer.ENDED: (_("Access removed. This person can’t see the record anymore."), True),
        Answer.HIDDEN: (_("Now confidential. The rest of the family can’t see the name."), True),
        Answer.ALIKE: (
            _("Restriction saved, also for every other adult of this student with the same name or address. One person can be in this list "
              "twice. Lift a restriction that is wrong."),
            True,
        ),
        Answer.BARRED: (_("Restriction saved. It outweighs any access and any duty from the first day on. Homeroom doesn’t tell the person why."), True),
        Answer.LONGER: (_("The restriction was extended."), True),
        Answer.PROPOSED: (_("Proposed. Nothing changes until another administrator confirms this under Second approvals."), True),
        Answer.KEPT: (_("Now confidential. This contact gets no letters, and the family can’t see the name."), True),
        Answer.CLOSED: (_("Parent access is turned off. The student’s own account works as before."), True),
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
    """Returns adults who may be the same person as a contact: those with access, except tutors."""
    return [(each.who, f"{each.adult} ({each.relation or relation_of(each.kind)})") for each in found if each.kind != "tutor"]


def _odd() -> dict[Answer | str, tuple[str, bool]]:
    return {
        "whom": (_("Choose a person, or enter a first and last name."), False),
        Answer.NAME: (_("Enter a first and last name, or choose a person from the list."), False),
        Answer.BASIS: (_("Choose a document that fits this kind of access."), False),
        Answer.DAYS: (_("Choose a first day within a year, and a later last day that isn’t in the past. To extend a restriction, choose a "
                        "later last day."), False),
        Answer.CASEWORKER: (_("A caseworker’s access ends within a year. Choose a last day."), False),
        Answer.VIEWS: (_("Check what this person can see. Foster caregivers and agencies can always see grades and attendance."), False),
        Answer.RIGHTS: (_("Only a parent, guardian, education-rights holder or conservator can consent, correct or challenge."), False),
        Answer.RELATION: (_("The relation is too long. Use at most 60 characters."), False),
        Answer.PROOF: (_("Choose how you checked this person’s identity."), False),
        Answer.TIED: (_("This person already has one. Change the existing one."), False),
        "restricted": (_("This person has a restriction for this student, so access was not given."), False),
        Answer.CHALLENGED: (
            _(
                "This adult has an open challenge, which you decide under Challenges. "
                "Or a challenge ended within the past year, and the district’s record must list the adult first."
            ),
            False,
        ),
        Answer.PAPER: (_("Enter where the paper is kept, in at most 200 characters."), False),
        Answer.WORDS: (_("Write what the family reads, in at most 1,000 characters."), False),
        Answer.WHY: (_("Write a reason."), False),
        Answer.TAKEN: (_("This already waits under Second approvals."), False),
        Answer.AGAIN: (_("Confirm it’s you, then try again."), False),
    }

"""The kinds of data on the page of everything that is kept: what each is for, where it comes from, who sees it and how long it stays (16 CFR 312.10)."""

from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class KeptKind:
    """`path` is the end of the address of the page that shows the values. It is empty if this page shows them."""

    title: str
    purpose: str
    source: str
    seen_by: str
    kept: str
    path: str | None = None
    link: str = ""


def kinds() -> dict[str, KeptKind]:
    """Returns them by the names of everything_shown(), in the order of the page."""
    return _kinds(get_language())


@cache
def _kinds(_language: str | None) -> dict[str, KeptKind]:
    return from_files() | from_people() | of_sharing() | at_18()


def permanent() -> str:
    """Answers with the class of Cal. Code Regs. tit. 5, 432."""
    return _("For good. California makes schools keep it.")


def readers() -> tuple[str, str, str]:
    """Returns who sees what every page shows, what this page alone shows, and what is about the reader."""
    return _("Everyone with access, and staff who may view the record."), _("The family and the school office."), _("You and the school office.")


def from_files() -> dict[str, KeptKind]:
    everyone, family, mine = readers()
    file = _("The district’s file.")
    return {
        "name": KeptKind(_("Name and number"), _("So that people know whose record it is."), file, everyone, permanent()),
        "birth date": KeptKind(_("Birth date"), _("To tell two students with one name apart, and for the rights at 18."), file, family, permanent()),
        "details": KeptKind(
            _("The student’s own email and phone"), _("Homeroom doesn’t use them yet."), file, family, _("Until the district’s file no longer has them."),
        ),
        "contact": KeptKind(_("You as a contact"), _("So that the office knows you when you ask for access."), file, mine, permanent()),
        "school": KeptKind(_("Schools"), _("To show which school the student goes to."), file, everyone, permanent()),
        "class": KeptKind(_("Classes"), _("To show grades by class, and to let each teacher see the class."), file, everyone, permanent()),
        "grades": KeptKind(
            _("Grades and scores"), _("To show how the student does."), file, everyone,
            _("Final grades for good, other scores as long as the district needs them."), "", _("See grades"),
        ),
        "attendance": KeptKind(
            _("Attendance"), _("To show on which days the student was absent or late."), file, everyone, _("As long as the district needs it."),
            "/attendance", _("See attendance"),
        ),
    }  # fmt: skip


def from_people() -> dict[str, KeptKind]:
    everyone, family, mine = readers()
    record = _("As long as the record.")
    return {
        "log": KeptKind(
            _("Access log"), _("So that you can see who viewed the record."), _("Homeroom writes it at each view."), family, record,
            "/who-has-looked", _("See the access log"),
        ),
        "adults": KeptKind(
            _("People with access"), _("To decide who may see the record."), _("Requests, and the office’s answers."), family, record,
            "/who-can-see", _("See who can see it"),
        ),
        "request": KeptKind(_("Your request for access"), _("So that the office can check who you are."), _("You typed it."), mine, record),
        "inspection": KeptKind(_("Your requests to see the record"), _("The law gives the school a deadline."), _("You asked."), mine, record),
        "correction": KeptKind(
            _("Your requests for corrections"), _("So that the school can correct what is wrong."), _("You typed it, and the office answered."), mine, record,
            "/corrections", _("See your requests"),
        ),
        "statement": KeptKind(
            _("Statements"), _("So that everyone who reads a value reads what the family says about it."), _("An adult in the family or the student typed it."),
            everyone, record,
        ),
    }  # fmt: skip


def of_sharing() -> dict[str, KeptKind]:
    _everyone, family, _mine = readers()
    record = _("As long as the record.")
    return {
        "opt-out": KeptKind(
            _("Opt-outs from directory information"), _("So that the school doesn’t share it."), _("A parent or the student chose it."), family, record,
            "/sharing", _("See what may be shared"),
        ),
        "signed consent": KeptKind(
            _("Signed consents"), _("To let the school share what the family agreed to."), _("A parent or the student signed it."), family, record,
            "/sharing", _("See consents"),
        ),
        "consent": KeptKind(
            _("Consents for tutors"), _("To let a tutor see what the family agreed to."), _("A parent or the student signed it."), family, record,
        ),
    }  # fmt: skip


def at_18() -> dict[str, KeptKind]:
    _everyone, family, _mine = readers()
    record = _("As long as the record.")
    return {
        "at 18": KeptKind(_("Rights at 18"), _("At 18, the rights to a record move to the student."), _("Worked out from the birth date."), family, record),
        "dependent": KeptKind(_("Dependent for taxes"), _("Parents may keep access to a student of 18."), _("The school office noted it."), family, record),
    }


def labels() -> dict[str, str]:
    """Returns what each fact is called, by its name in everything_shown(). What a name names depends on the kind."""
    return {
        "given": _("First name"), "middle": _("Middle name"), "family": _("Last name"), "preferred": _("Preferred name"), "grade": _("Grade level"),
        "number": _("Number in the district’s system"), "day": _("Date"), "email": _("Email"), "phone": _("Phone"), "sms": _("Phone for text messages"),
        "relation": _("Relationship"), "what": _("What you asked to see"), "about": _("Wrong value"), "called": _("Where"), "was": _("What the record said"),
        "wanted": _("What it should say"), "ground": _("Ground"), "why": _("Why"), "heard": _("What the teacher said"), "answer": _("The school’s reasons"),
        "hearing_asked": _("Hearing asked for on"), "hearing_on": _("Day of the hearing"), "hearing_place": _("Place of the hearing"),
        "hearing_said": _("Decision of the hearing"), "agreed": _("What the school agreed to"), "corrected": _("Corrected on"),
        "category": _("Not shared"), "records": _("Records"), "recipient": _("Recipient"),
        "by": _("Author"), "written": _("Written on"), "statement": _("Statement"),
        "kind": _("Kind of contact"), "phone_kind": _("Kind of phone"),
        "first": _("First day"), "last": _("Last day"), "asked": _("Asked on"), "answered": _("Answered on"), "until": _("Until"),
        "organization": _("Organization"), "kinds": _("What the tutor sees"), "purpose": _("What for"), "signature": _("Your signature"),
        "signed": _("Signed on"), "ended": _("Ended on"), "told": _("Announced on"), "basis": _("What was shown"), "noted": _("Noted on"),
    }  # fmt: skip


def not_shown() -> list[str]:
    """Returns what is kept about the student or next to the record and is on no page of the family, each with the reason."""
    return [
        _("Phone and email of other adults. They are for the office and for the person they are about."),
        _("Court orders about an adult. Only the office sees them."),
        _("The district’s files and the backups. They are sealed, and no page can open them."),
    ]

"""The texts of the pages about corrections. Pure functions: rows in, words out."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.privacy.corrections.queries import Correctable, CorrectionAsked, CorrectionCase, OwnCorrection
from homeroom.portal.wording import dates

NAMES = ("first name", "middle name", "last name")
ONE_VALUE = ("birth date", "grade level")  # kinds that need no choice of a row


@dataclass(frozen=True, slots=True)
class Request:
    """`may`: the reader may withdraw it, or the office may answer. `may_appeal`: the family may ask for a hearing. `may_state`: it may add a statement,
    and `typed` is what the form had. `has_alias`: people who see the student under an alias will read it, too."""

    uuid: UUID
    title: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    may: bool
    may_appeal: bool = False
    may_state: bool = False
    typed: str = ""
    has_alias: bool = False
    has_letter: bool = False


def kinds() -> dict[str, str]:
    """Returns what a form can be about, in its order."""
    return {
        "name": _("Name"), "birth date": _("Birth date"), "grade level": _("Grade level"), "class grade": _("A grade of a class"),
        "score": _("A score"), "attendance": _("Attendance of a day"), "other": _("Something else"),
    }  # fmt: skip


def abouts() -> dict[str, str]:
    return {"first name": _("First name"), "middle name": _("Middle name"), "last name": _("Last name")} | kinds()


def grounds() -> dict[str, str]:
    """Returns the grounds of Ed. Code 49070(a), in its order."""
    return {
        "inaccurate": _("It’s wrong."),
        "unsupported": _("It’s someone’s own conclusion, and nothing supports it."),
        "outside competence": _("Its author has no training to conclude this."),
        "not observed": _("No named person saw it, with a time and a place."),
        "misleading": _("It misleads."),
        "privacy": _("It violates the student’s privacy or another right."),
    }


def choices_of(found: Sequence[Correctable]) -> list[tuple[str, str]]:
    """Returns what the form sends for each, a row's UUID or what it is about, and its words."""
    return [(str(each.of_row or each.about), _said(each)) for each in found]


def _said(each: Correctable) -> str:
    return _("%(what)s: %(value)s") % {"what": title_of(each.about, each.called, each.day), "value": value_said(each.about, each.value)}


def value_said(about: str, value: str) -> str:
    """Returns a value as people read it. A birth date comes from a form or the record as 2014-03-02."""
    if about == "birth date":
        with suppress(ValueError):
            return dates.dated_day(date.fromisoformat(value))
    return {"": _("nothing"), "none": _("no mark")}.get(value, value) if about == "attendance" else value or _("nothing")


def own_requests(found: Sequence[OwnCorrection], typed: Mapping[str, str]) -> list[Request]:
    """`typed` has the form of a statement that was not kept."""
    return [
        Request(
            each.uuid, title_of(each.about, each.called, each.day), _own_facts(each), _tag(each.state, is_late=False), each.state in ("waiting", "hearing"),
            may_appeal=each.state == "refused", may_state=each.state in ("refused", "upheld") and not each.statement,
            typed=typed.get("statement", "") if typed.get("which") == str(each.uuid) else "", has_alias=each.has_alias, has_letter=has_letter(each),
        )
        for each in found
    ]


def has_letter(one: CorrectionCase | OwnCorrection) -> bool:
    """Returns whether a hearing has a day, or a decision. There is no letter about one that was withdrawn before."""
    return one.hearing_on is not None and (bool(one.hearing_said) or one.state == "hearing")


def title_of(about: str, called: str, day: date | None) -> str:
    return ", ".join([called or abouts().get(about, about), *([dates.dated_day(day)] if day else [])])


def _own_facts(each: OwnCorrection) -> tuple[str, ...]:
    was, wanted = (value_said(each.about, value) for value in (each.was, each.wanted))
    is_other = each.about == "other"
    ask = _("You asked on %(day)s: %(wanted)s") if is_other else _("You asked on %(day)s to change “%(was)s” to “%(wanted)s”.")
    asked = ask % {"day": dates.day(timezone.localdate(each.asked_at)), "was": was, "wanted": wanted}
    agreed = {"value": value_said(each.about, each.agreed)}
    said = {
        "waiting": _("The school answers by %(day)s.") % {"day": dates.day(each.due)},
        "agreed": (_("The school agreed to “%(value)s”. This request ends when the school says that it’s corrected.") if is_other
                   else _("The school agreed to “%(value)s”. This request ends when the district’s file has it.")) % agreed,
        "corrected": _("The school says that it’s corrected.") if is_other else _("The record says “%(value)s” now.") % agreed,
        "withdrawn": _("You withdrew this request. You can ask again."),
    }
    heard = [_("The teacher said: %(words)s") % {"words": each.heard}] if each.heard else []
    refused = [_("The school did not agree: %(why)s") % {"why": each.answer}] if each.answer and each.answered_at else []
    stated = _("Your statement: %(words)s") % {"words": each.statement} if each.statement else ""
    return tuple(dates.one_stop(fact) for fact in (asked, *heard, *refused, *_hearing_facts(each), said.get(each.state, ""), stated) if fact)


def _hearing_facts(each: OwnCorrection) -> list[str]:
    """Returns what a notice of a hearing must say (34 CFR 99.22), and its outcome."""
    if each.state == "refused" and each.answered_at:
        last = dates.day(timezone.localdate(each.answered_at) + timedelta(days=30))
        return [_("You have the right to a hearing. Ask for it by %(day)s (30 days, California Education Code 49070).") % {"day": last}]
    if each.hearing_asked_at is None:
        return []
    facts = [_("You asked for a hearing on %(day)s.") % {"day": dates.day(timezone.localdate(each.hearing_asked_at))}]
    if each.hearing_on:
        facts += [
            _("The hearing is on %(day)s: %(place)s") % {"day": dates.day(each.hearing_on), "place": each.hearing_place},
            _("Bring what shows that the record is wrong. Anyone you choose can help you, even a lawyer."),
        ]
    else:
        facts.append(_("The school sets the day. The hearing is by %(day)s.") % {"day": dates.day(each.due)})
    outcome = {"upheld": _("The hearing decided that the record stays: %(why)s"), "agreed": _("The hearing decided for you: %(why)s"),
               "corrected": _("The hearing decided for you: %(why)s")}.get(each.state) if each.hearing_said else None  # fmt: skip
    return [*facts, outcome % {"why": each.hearing_said}] if outcome else facts


def _tag(state: str, *, is_late: bool) -> tuple[str, str]:
    return {
        "waiting": ("late", _("Overdue")) if is_late else ("waiting", _("Waiting")), "agreed": ("waiting", _("Agreed")),
        "hearing": ("late", _("Overdue")) if is_late else ("waiting", _("Hearing")), "upheld": ("closed", _("Not agreed")),
        "corrected": ("imported", _("Corrected")), "refused": ("closed", _("Not agreed")), "withdrawn": ("closed", _("Request withdrawn")),
    }.get(state, ("closed", _("Closed")))  # fmt: skip


def asked_requests(found: Sequence[CorrectionAsked]) -> list[Request]:
    return [_asked(each) for each in found]


def _asked(each: CorrectionAsked) -> Request:
    who = _("%(name)s, for their own record") if each.is_own else _("%(name)s, for the record of %(student)s")
    office = _("The office of %(school)s answers.") % {"school": each.school} if each.school else _("The district’s office answers.")
    facts = [abouts().get(each.about, each.about), _("Asked on %(day)s.") % {"day": dates.day(timezone.localdate(each.asked_at))}]
    if each.state == "waiting":
        facts += [office, _("Answer by %(day)s (30 days, California Education Code 49070).") % {"day": dates.day(each.due)}]
    elif each.state == "hearing":
        facts.append(_("A hearing is due by %(day)s (30 days, California Education Code 49070).") % {"day": dates.day(each.due)})
        facts.append(_("It is on %(day)s.") % {"day": dates.day(each.hearing_on)} if each.hearing_on else _("It has no day yet."))
    elif each.answered_at:
        facts.append(_("Answered by %(name)s on %(day)s.") % {
            "name": each.answerer or _("the person who asked"), "day": dates.day(timezone.localdate(each.answered_at))})  # fmt: skip
    if each.state == "agreed" and each.about != "other":
        facts.append(_("Correct it in the district’s system. The next file closes this request."))
    elif each.state == "agreed":
        facts.append(_("Correct it in the district’s system. Then say here that it’s corrected."))
    title = who % {"name": each.name, "student": each.student}
    return Request(each.uuid, title, tuple(map(dates.one_stop, facts)), _tag(each.state, is_late=each.is_late), each.state in ("waiting", "hearing", "agreed"))


def case_facts(case: CorrectionCase) -> dict[str, str]:
    """Returns what the office reads about one request, in the order of the page."""
    of_record = {} if case.about == "other" else {
        _("On the day of the request"): value_said(case.about, case.was), _("On the record now"): value_said(case.about, case.now_is),
    }  # fmt: skip
    facts = {_("What"): title_of(case.about, case.called, case.day)} | of_record | {
        _("What the family wants"): value_said(case.about, case.wanted),
        _("Ground"): grounds().get(case.ground, case.ground), _("Why"): case.why,
        _("What the teacher said"): case.heard, _("The office’s reasons"): case.answer,
        _("The hearing"): case.hearing_on and f"{dates.dated_day(case.hearing_on)}, {case.hearing_place}", _("Its decision"): case.hearing_said,
        _("The family’s statement"): case.statement, _("What the office agreed to"): case.agreed and value_said(case.about, case.agreed),
    }  # fmt: skip
    return {label: said for label, said in facts.items() if said}


def told_family(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.ASKED: (_("Request sent. The school office has 30 days."), True),
        Answer.TAKEN: (_("You already asked about this. The school hasn’t answered yet."), False),
        Answer.SAME: (_("The record already says that. Enter what it should say."), False),
        Answer.ODD: (_("Choose what is wrong and a reason. Then enter what it should say, and why."), False),
        Answer.WITHDRAWN: (_("You withdrew the request. The school office sees that, too."), True),
        Answer.KEPT: (_("Your statement is next to the record now."), True),
        Answer.WORDS: (_("Type your statement, up to 2,000 characters."), False),
        Answer.OVER: (_("This request is no longer open. This page shows its current state."), False),
    })  # fmt: skip


def told_office(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.AGREED: (_("Recorded. Correct it in the district’s system. The next file closes this request."), True),
        Answer.REFUSED: (_("Recorded. The family reads the reasons and what it can do next."), True),
        Answer.CORRECTED: (_("Recorded. The family is notified."), True),
        Answer.TAKEN: (_("Someone else has already answered this. This page shows the current state."), False),
        Answer.BARRED: (_("This person may no longer ask for corrections. The request closes by itself."), False),
        Answer.SET: (_("Recorded. The family is notified of the day and the place."), True),
        Answer.DAYS: (_("Enter the day and place of the hearing first. Record its decision once it is over."), False),
        Answer.ODD: (_("Enter the value that the district’s system will have."), False),
        Answer.WORDS: (_("Give your reasons. The family reads them."), False),
        Answer.HEARD: (_("Hear the teacher first, and note what the teacher said (California Education Code 49066)."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    })  # fmt: skip

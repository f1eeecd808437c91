"""The texts of the pages about tutors, for the tutor, the family and the office. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.audit.lines import kind_of, listed
from homeroom.portal.membership.tutors.queries import (
    Application,
    Applied,
    MyRequest,
    MyStudent,
    Tutor,
    TutorTie,
    Wanted,
)
from homeroom.portal.membership.words import evidences
from homeroom.portal.membership.words import kinds as kinds_named
from homeroom.portal.wording import dates

GIVEN = ("photo id", "known")  # how an office checked a tutor's identity. Tutors are only approved in person


@dataclass(frozen=True, slots=True)
class TutorRow:
    """`path` is where its button leads. "" means that it has no button."""

    name: str
    facts: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Asks:
    """A request that waits for a parent. `kinds` has code and text of each kind that may be checked."""

    uuid: UUID
    name: str
    facts: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    record: str  # the sentence that is signed


def through(day: date | None) -> str:
    return dates.one_stop(_("Through %(day)s.") % {"day": dates.dated_day(day)}) if day else _("The district set no last day.")


def reads(kinds: Sequence[str]) -> str:
    return _("Can see %(what)s.") % {"what": listed([kind_of(kind) for kind in kinds])}


def choices(kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, words) for kind, words in kinds_named().items() if kind in kinds)


# ── The tutor ──
def students_of(found: Sequence[MyStudent]) -> tuple[TutorRow, ...]:
    def seen(kinds: Sequence[str]) -> str:
        return _("You can see %(what)s.") % {"what": listed([kind_of(kind) for kind in kinds])}

    return tuple(TutorRow(each.name, (seen(each.kinds), through(each.last_day)), f"/children/{each.uuid}") for each in found)


def asked_of(found: Sequence[MyRequest]) -> tuple[TutorRow, ...]:
    return tuple(TutorRow(each.child, (_asked(each), _stands(each)), f"/tutoring/{each.uuid}/withdraw") for each in found)


def _asked(each: MyRequest) -> str:
    said = {"day": dates.plain_day(dates.local(each.asked_at)), "school": each.school, "what": listed([kind_of(kind) for kind in each.kinds])}
    return _("Asked %(day)s, %(school)s: %(what)s.") % said


def _stands(each: MyRequest) -> str:
    return _("No one answered within 14 days.") if each.is_over else _("Not answered yet. You get a message when a family approves.")


def application_said(mine: Application | None) -> tuple[str, str, str]:
    """Returns a heading, a text and the state. All are empty for a tutor that the operator approved without an application."""
    if mine is None:
        return "", "", ""
    heading, text = {
        "waiting": (
            _("The district is reviewing your application"),
            _("Until it is approved, you can’t ask families or see any records. Have a photo ID ready. The district checks it in person."),
        ),
        "declined": (_("The district did not approve you as a tutor"), _("If you think that is wrong, call the district.")),
        "ended": (_("You are no longer a tutor here"), _("The district withdrew its approval. You can’t see any records.")),
        "approved": ("", ""),
    }[mine.state]
    return heading, text, mine.state


def told_tutor(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.ASKED: (_("Sent. If we find this child, the family decides. You get a message when it approves."), True),
        Answer.WITHDRAWN: (_("You withdrew the request."), True),
        Answer.MANY: (_("You already have ten open requests. Withdraw one, or wait for an answer."), False),
        Answer.ODD: (_("Check the child’s names, what you ask for, and the last day."), False),
        Answer.FACTOR: (_("First add a passkey or an authenticator app on your account page. Then sign in with it."), False),
    })


# ── The family ──
def asks_of(found: Sequence[Wanted]) -> tuple[Asks, ...]:
    return tuple(Asks(each.uuid, each.name, _facts(each), choices(each.kinds), _signed(each)) for each in found)


def _facts(each: Wanted) -> tuple[str, ...]:
    return (
        _("For %(organization)s. The district checked this person’s ID.") % {"organization": each.organization},
        _("What for: %(purpose)s") % {"purpose": each.purpose},
        dates.one_stop(_("Asked %(day)s.") % {"day": dates.plain_day(dates.local(each.asked_at))}) + " " + through(each.last_day),
    )


def _signed(each: Wanted) -> str:
    """Names the records, the purpose and the party (34 CFR 99.30(b))."""
    said = {"name": each.name, "organization": each.organization, "purpose": each.purpose, "day": dates.dated_day(each.last_day)}
    return _("I allow %(name)s (%(organization)s) to read what I checked above, through %(day)s and no longer than this term. Purpose: %(purpose)s") % said


def tutors_of(child: UUID, found: Sequence[Tutor]) -> tuple[TutorRow, ...]:
    return tuple(TutorRow(each.name, _of_tutor(each), f"/children/{child}/tutors/{each.uuid}/end") for each in found)


def _of_tutor(each: Tutor) -> tuple[str, ...]:
    said = [f"{reads(each.kinds)} {through(each.last_day)}"]
    if each.organization:
        said.insert(0, each.organization)
    if each.purpose:
        said.append(_("What for: %(purpose)s") % {"purpose": each.purpose})
    return (*said, _consented(each))


def _consented(each: Tutor) -> str:
    """Names the consenter's relation, never the name. For a confidential adult it doesn't name the relation either."""
    if each.signed_at is None:
        return _("The district gave this access.")
    day = {"day": dates.plain_day(dates.local(each.signed_at))}
    if each.is_mine:
        return dates.one_stop(_("You signed %(day)s.") % day)
    if each.relation is None:
        return dates.one_stop(_("An adult of the family signed %(day)s.") % day)
    return dates.one_stop(_("Signed by the %(relation)s, %(day)s.") % (day | {"relation": relation_of(each.relation)}))


def told_family(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.GIVEN: (_("Signed. Everyone else with access is notified."), True),
        Answer.DECLINED: (_("Declined. The tutor doesn’t learn that the child is a student here."), True),
        Answer.ENDED: (_("Ended. This tutor can’t see the record anymore."), True),
        Answer.KINDS: (_("Check at least one item that the tutor asks for."), False),
        Answer.SIGNATURE: (_("To sign, type your first and last name as they appear at the top of the page."), False),
        Answer.TAKEN: (_("Someone else has already answered or ended this."), False),
        Answer.TIED: (_("This person already has access to the child’s record."), False),
        Answer.AGAIN: (_("Confirm that it’s you, then sign."), False),
    })


# ── The office ──
def applied_of(found: Sequence[Applied]) -> tuple[tuple[TutorRow, str], ...]:
    """Returns each application with its state."""
    return tuple((TutorRow(each.name, _of_applied(each), f"/office/tutors/{each.uuid}/answer"), each.state) for each in found)


def _of_applied(each: Applied) -> tuple[str, ...]:
    asked = {"organization": each.organization, "day": dates.plain_day(dates.local(each.asked_at))}
    said = [dates.one_stop(_("%(organization)s. Applied %(day)s.") % asked), _("What for: %(purpose)s") % {"purpose": each.purpose}]
    said.append(_("Email: %(address)s") % {"address": each.address} if each.address else _("No confirmed email address."))
    if each.answerer and each.answered_at:
        answered = {
            "approved": _("Approved by %(name)s, %(day)s."),
            "declined": _("Declined by %(name)s, %(day)s."),
            "ended": _("Withdrawn by %(name)s, %(day)s."),
        }
        said.append(dates.one_stop(answered[each.state] % {"name": each.answerer, "day": dates.plain_day(dates.local(each.answered_at))}))
    if each.state == "approved":
        reads_now = ngettext("Can see %(n)s student’s record.", "Can see %(n)s students’ records.", each.students) % {"n": each.students}
        said.append(reads_now if each.students else _("Can’t see any records now."))
    return tuple(said)


def ties_of(found: Sequence[TutorTie]) -> tuple[TutorRow, ...]:
    return tuple(
        TutorRow(
            _("%(name)s, tutor of %(child)s") % {"name": each.name, "child": each.child},
            (f"{reads(each.kinds)} {through(each.last_day)}", _("A parent signed.") if each.has_consent else _("The district gave this access.")),
            f"/office/tutors/ties/{each.uuid}/end",
        )
        for each in found
    )


def ways_seen() -> tuple[tuple[str, str], ...]:
    return tuple((code, evidences()[code]) for code in GIVEN)


def told_office(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.APPROVED: (_("Approved. The tutor can now ask families for access. The tutor can’t see any records yet."), True),
        Answer.DECLINED: (_("Declined."), True),
        Answer.ENDED: (_("Ended. The tutor can’t see those records anymore."), True),
        Answer.TAKEN: (_("Someone else has already answered or ended this."), False),
        Answer.EVIDENCE: (_("Choose how you checked this person’s identity."), False),
        Answer.AGAIN: (_("Confirm it’s you, then answer."), False),
    })


def district_says(kinds: Sequence[str]) -> str:
    if not kinds:
        return _("Your district doesn’t allow tutors. You can change this under Settings, “Who sees what”.")
    return _("Families may share attendance and grades.") if "grades" in kinds else _("Families may share attendance but not grades.")

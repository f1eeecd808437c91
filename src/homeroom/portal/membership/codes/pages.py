"""The texts of the pages for codes: people found, kinds of codes, and ways to check a person's identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.membership.codes.queries import Addressee, FoundPerson

CHECKS = ("photo id", "known", "called back")


@dataclass(frozen=True, slots=True)
class PersonRow:
    person: UUID
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class CodeChoice:
    value: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Form:
    side: str
    title: str
    kinds: tuple[CodeChoice, ...]
    checks: tuple[CodeChoice, ...]


@dataclass(frozen=True, slots=True)
class AddresseePage:
    name: str
    forms: tuple[Form, ...]


def side_named(side: str) -> str:
    return {"family": _("Family"), "staff": _("Staff"), "student": _("Student")}[side]


def found_page(found: Sequence[FoundPerson]) -> list[PersonRow]:
    """Returns one row per person, with all of the person's roles."""
    names = {each.uuid: each.name for each in found}
    return [PersonRow(person, name, "; ".join(_what(each) for each in found if each.uuid == person)) for person, name in names.items()]


def _what(found: FoundPerson) -> str:
    grade = _(", grade %(level)s") % {"level": found.grade_levels[0].lstrip("0") or "K"} if found.side == "student" and found.grade_levels else ""
    asleep = _(": never signed in yet") if found.is_asleep else ""
    return side_named(found.side) + grade + asleep


def addressee_page(found: Sequence[Addressee]) -> AddresseePage:
    return AddresseePage(found[0].name, tuple(Form(each.side, side_named(each.side), _kinds(each), _checks()) for each in found))


def _kinds(to: Addressee) -> tuple[CodeChoice, ...]:
    said = {
        "wake": CodeChoice("wake", _("A first sign-in"), _("This person uses the code to choose a username and a password.")),
        "password": CodeChoice("password", _("A new password"), _("An authenticator app or passkey is still required.")),
        "factors": CodeChoice("factors", _("A lost app or passkey"), _("The password is still required. The lost app or passkey stops working.")),
    }
    return tuple(said[kind] for kind in to.kinds)


def _checks() -> tuple[CodeChoice, ...]:
    return (
        CodeChoice("photo id", _("I checked a photo ID"), ""),
        CodeChoice("known", _("I know this person well"), ""),
        CodeChoice("called back", _("I called back the number on file"), ""),
    )

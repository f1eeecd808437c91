"""Prints codes (an office) and prints and ends cards (a teacher). Codes and words are made here, printed, and kept only as hashes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.letters import card, code
from homeroom.portal.letters.sheets import LANGUAGES, Card, CodeLetter, Head, card_sheet, code_letters
from homeroom.portal.membership.codes.queries import Addressee, CardStudent, students_for_cards

PRINT = "SELECT print_code(%(person)s, %(side)s, %(kind)s, %(digest)s, %(checked)s)"
PRINT_CARDS = "SELECT print_cards(%(section)s, %(students)s, %(cards)s)"
END_CARDS = "SELECT end_cards(%(section)s, %(students)s)"


def head() -> Head:
    return Head(settings.PLACE.name, settings.PLACE.address, settings.PLACE.phone)


def print_code(person: UUID, to: Addressee, kind: str, checked: str, language: str, *, by: Actor) -> bytes | None:
    """Returns the letter, or None if the database refuses. The database itself finds out who `by` is. Raises Unprintable, and then no code is kept."""
    if by.side != "staff" or kind not in to.kinds:
        return None
    made = code.new_code()
    values = {"person": person, "side": to.side, "kind": kind, "digest": code.digest(made), "checked": checked}
    until: datetime | None = rows(PRINT, values)[0][0]
    if until is None:
        return None
    today = timezone.localdate()
    letter = CodeLetter([to.name], kind, made, timezone.localdate(until), language if language in LANGUAGES else "en")
    return code_letters([letter], head(), today)


def print_cards(section: UUID, title: str, students: Sequence[CardStudent], *, by: Actor) -> bytes | None:
    """Returns a sheet of new cards, or None if the database refuses. Raises Unprintable, and then the old cards still work."""
    if by.side != "staff" or not students:
        return None
    made = [card.new_card() for _ in students]
    digests = [card.digest(words, settings.PLACE.slug) for words in made]
    kept = rows(PRINT_CARDS, {"section": section, "students": [s.uuid for s in students], "cards": digests})[0][0]
    if kept != len(students):
        return None
    names = short_names(students_for_cards(section))
    cards = [Card(names[student.uuid], words) for student, words in zip(students, made, strict=True)]
    return card_sheet(cards, title, head(), get_language() or "en")


def end_cards(section: UUID, students: Sequence[CardStudent], *, by: Actor) -> int:
    """Returns how many cards stopped working."""
    if by.side != "staff":
        return 0
    return int(rows(END_CARDS, {"section": section, "students": [s.uuid for s in students]})[0][0])


def short_names(students: Sequence[CardStudent]) -> dict[UUID, str]:
    """Returns each first name with as few letters of the family name as distinguish the students of the class. Cards show no more than that."""
    return {student.uuid: _short(student, students) for student in students}


def _short(student: CardStudent, students: Sequence[CardStudent]) -> str:
    alike = [other for other in students if other.first_name == student.first_name and other.uuid != student.uuid]
    family = student.family_name
    for letters in range(1, len(family)):
        if not any(other.family_name.startswith(family[:letters]) for other in alike):
            return f"{student.first_name} {family[:letters]}."
    return f"{student.first_name} {family}".strip()

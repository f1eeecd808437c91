"""Students with an alias, in tests."""

from typing import Any

from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.school import TODAY, School, proof_of

MASK = f"SELECT mask_student(%s, %s, %s, %s, {TODAY} + %s::integer, {TODAY} + %s::integer)"


def mask(school: School, whom: str, alias: str = "Robin Vale", *, by: str = "carl", basis: str = "threat", first: int = 0, last: int | None = None) -> str:
    given, _, family = alias.partition(" ")
    return str(ask(school, by, MASK, [identity(whom), given, family, basis, first, last]))


def masking_of(school: School, whom: str) -> Any:
    """Returns the UUID of a student's newest masking, for addresses."""
    with school.connect("owner") as owner:
        row = owner.execute("SELECT uuid FROM masking WHERE student_id = %s ORDER BY id DESC LIMIT 1", [school.ids[whom]]).fetchone()
    assert row is not None
    return row[0]


def called(school: School, who: str, side: str, whom: str) -> str:
    """Returns what full_name() answers this person about that student."""
    with school.connect("owner") as owner:
        owner.execute("SELECT claim(%s, NULL)", [proof_of(who, side)])
        row = owner.execute("SELECT full_name(p) FROM person p WHERE id = %s", [school.ids[whom]]).fetchone()
    return str(row and row[0])

"""The operator's support people: named with a one-use code, listed, ended. The database notifies every administrator.

Call after speak_django().
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from homeroom.ops.answers import NotDone
from homeroom.portal.letters import code

LISTED = """SELECT p.uuid, p.name, p.registered_at, p.code_until, (SELECT max(g.until) FROM support_grant g WHERE g.supporter_id = p.id AND g.ended_at IS NULL
    AND g.until > now()) FROM supporter p WHERE p.ended_at IS NULL ORDER BY p.id"""


@dataclass(frozen=True, slots=True)
class Supporter:
    """`registered_at` is None until the code is used. The code works until `code_until`. `until` is the end of a current grant."""

    uuid: UUID
    name: str
    registered_at: datetime | None
    code_until: datetime | None
    until: datetime | None


def add(name: str) -> dict[str, str]:
    """Returns name and code. The code is shown once. Raises NotDone."""
    name = checked(name)
    if any(each.name.casefold() == name.casefold() for each in listed()):
        raise NotDone(f"{name} is named here already. End that first with `homeroom portal support end`.")
    made = code.new_code()
    with connection.cursor() as cursor:
        cursor.execute("SELECT add_supporter(%s, %s)", [name, code.digest(made)])
    return {"name": name, "code": code.grouped(made)}


def checked(name: str) -> str:
    """Raises NotDone."""
    words = name.replace("\x00", "").split()
    if len(words) < 2 or len(name) > 200:
        raise NotDone('Name the person with first and family name, such as "Sol Park".')
    return " ".join(words)


def listed() -> list[Supporter]:
    with connection.cursor() as cursor:
        cursor.execute(LISTED)
        return [Supporter(*row) for row in cursor.fetchall()]


def end(name: str) -> str:
    """Ends a support person. The passkey no longer works, and open sessions end. Raises NotDone."""
    found = [each for each in listed() if each.name.casefold() == " ".join(name.casefold().split())]
    if not found:
        raise NotDone("No support person has that name here. `homeroom portal support list` shows the names.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT end_supporter(%s)", [found[0].uuid])
    return found[0].name

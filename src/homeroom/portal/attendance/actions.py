"""Changes the meanings of attendance codes for an administrator."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.attendance.calendar import Meaning
from homeroom.portal.attendance.codes import Code


@dataclass(frozen=True, slots=True)
class CodeChange:
    """`was` is the meaning that the administrator saw. None means that the code has no meaning of its own."""

    code: Code
    was: Meaning | None
    now: Meaning | None


WRITE = "SELECT set_attendance_codes(%(changes)s::jsonb)"


def set_codes(changes: Sequence[CodeChange], *, by: Actor) -> bool:
    """Returns False and changes nothing if another administrator was faster. The database itself finds who `by` is."""
    if not by.is_administrator:
        return False
    said = [{"status": c.code[0], "excuse_code": c.code[1], "was": _pair(c.was), "now": _pair(c.now)} for c in changes]
    return bool(rows(WRITE, {"changes": json.dumps(said)})[0][0])


def _pair(meaning: Meaning | None) -> list[int] | None:
    return [meaning.presence.value, meaning.excuse.value] if meaning else None

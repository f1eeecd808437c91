"""Shared parts of commands that give access. They show who gets access to whose record, and what opens. Then they ask, and do exactly what they showed."""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from homeroom.ops.answers import NotDone, err, say_json, type_again

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. For scripts.")]
NOT_ASKED = "Nothing was changed. There is no terminal to ask on: check what is shown, then add --yes."
CHANGED = "Nothing was changed. The record changed after it was shown: give the command again."


@dataclass(frozen=True, slots=True)
class Who:
    """A person whom a command shows. `part` is adult, student or person. A student with an alias is shown by it."""

    part: str
    name: str
    sourced_id: str
    roles: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()

    def line(self) -> str:
        grade = f" Grade {', '.join(self.grades)}." if self.grades else ""
        roles, schools = ", ".join(self.roles) or "none", ", ".join(self.schools) or "none"
        return f"{self.part.capitalize()}: {self.name}, sourcedId {self.sourced_id or 'none'}. Role in the record: {roles}. School: {schools}.{grade}"


@dataclass(frozen=True, slots=True)
class Shown:
    """`opens` says what the command opens. `warnings` are sentences about what looks wrong. `students` are ids of the students it names."""

    people: tuple[Who, ...]
    opens: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    students: tuple[int, ...] = ()

    def text(self) -> str:
        return "\n".join(
            [each.line() for each in self.people] + [f"Opens: {each}" for each in self.opens] + [f"Warning: {each}" for each in self.warnings]
        )

    def as_json(self, *, is_done: bool) -> dict[str, Any]:
        return {"is_done": is_done, "shown": {"people": [asdict(each) for each in self.people], "opens": self.opens, "warnings": self.warnings}}


def given[T](shown: Callable[[], Shown], act: Callable[[], T], *, yes: bool, as_json: bool) -> tuple[dict[str, Any], T]:
    """Returns what was shown, for scripts, and what the act made. Tries the act before it asks, so it never asks about an act that is refused.

    Call after speak_django(). Raises NotDone.
    """
    from django.db import transaction

    from homeroom.ops.people.people import write_down_shown

    found = shown() if yes else _tried(shown, act)
    write_down_shown(found.students)
    if not yes:
        _ask(found, as_json=as_json)
    elif not as_json:
        err.print(found.text(), markup=False)
    with transaction.atomic():
        if shown() != found:
            raise NotDone(CHANGED)
        made = act()
    return found.as_json(is_done=True), made


def _tried[T](shown: Callable[[], Shown], act: Callable[[], T]) -> Shown:
    """Tries the act and rolls it back, so that nothing stays locked while a person types."""
    from django.db import transaction

    with transaction.atomic():
        found = shown()
        act()
        transaction.set_rollback(True)
    return found


def _ask(found: Shown, *, as_json: bool) -> None:
    """Raises NotDone."""
    if sys.stdin.isatty():
        type_again("yes", found.text())
        return
    if as_json:
        say_json(found.as_json(is_done=False))
    else:
        err.print(found.text(), markup=False)
    raise NotDone(NOT_ASKED)

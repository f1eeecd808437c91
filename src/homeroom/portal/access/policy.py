"""What may be done, and by which kinds of people. Each room declares its acts in acts.py; which rows an act shows is the database's question.

The pages' guard, the page of rules and the database read the same declarations: protect() writes the database's part from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from re import fullmatch
from typing import Any, Self

ROOMS = Path(__file__).parent.parent
OFFICES = ("administrator", "registrar", "principal", "board second")
KINDS = ("family", "student", "staff", *OFFICES)
DATA = ("grades", "attendance", "ledger", "contacts", "birth date", "names", "changes")


class Risk(StrEnum):
    NONE = "opens no record"
    RECORD = "opens records: a look is written first"
    OFFICE = "an office's own business"


@dataclass(frozen=True, slots=True)
class Opening:
    """What an act shows, by functions of the database.

    seen_by(subject uuid, kinds text[]) answers rows of `seen`: whom it shows now, to the person asking. about(child integer) answers the
    subjects with which it would show this child, and asks(child integer) (person_id, side) of accounts to which it might: with both, the
    page "Who can see" counts the act."""

    kinds: tuple[str, ...]
    seen_by: str
    about: str = ""
    asks: str = ""


class Act(str):
    """An act's name, as the access log keeps it for ever, with what was declared of it. who: of staff also each office, and whom the board
    named."""

    __slots__ = ("opens", "risk", "who", "words")
    words: Any  # a lazy translation
    risk: Risk
    who: frozenset[str]
    opens: Opening | None

    def __new__(cls, name: str, words: Any, risk: Risk, who: frozenset[str], opens: Opening | None) -> Self:
        made = super().__new__(cls, name)
        made.words, made.risk, made.who, made.opens = words, risk, who, opens
        return made


ACTS: dict[str, Act] = {}


class NotDeclared(ValueError):
    """A declaration that cannot stand, in one sentence."""


def act(name: str, words: Any, risk: Risk, who: str, *, kinds: str = "", seen_by: str = "", about: str = "", asks: str = "") -> Act:
    """Declares an act. who, kinds: words of KINDS and DATA, with commas."""
    people, data = set(who.split(", ")), tuple(kinds.split(", ")) if kinds else ()
    if name in ACTS or not fullmatch(r"[a-z0-9][a-z0-9 -]*", name):
        raise NotDeclared(f"The act “{name}” needs a name of its own in small letters.")
    if people - set(KINDS) or set(data) - set(DATA):
        raise NotDeclared(f"The act “{name}” names {', '.join(sorted(people - set(KINDS) | set(data) - set(DATA)))}, which nothing here is called.")
    if bool(data) != bool(seen_by) or (risk is Risk.RECORD and not seen_by) or bool(about) != bool(asks) or (about and not seen_by):
        raise NotDeclared(f"The act “{name}” needs kinds and seen_by together, and about and asks together, if it opens records.")
    ACTS[name] = Act(name, words, risk, frozenset(people), Opening(data, seen_by, about, asks) if seen_by else None)
    return ACTS[name]


def acts() -> Iterator[Act]:
    """Of all rooms, in the order of the rooms' names."""
    for path in sorted(ROOMS.glob("*/acts.py")):
        room = import_module(f"homeroom.portal.{path.parent.name}.acts")
        yield from (each for each in vars(room).values() if isinstance(each, Act))


def sides(act: Act) -> list[str]:
    """On which sides somebody may be signed in to do this; who holds an office is staff."""
    return sorted({"staff" if kind in OFFICES else kind for kind in act.who})


def may(act: Act, kinds: frozenset[str]) -> bool:
    """Whether somebody of these kinds may do this at all."""
    return bool(act.who & kinds)

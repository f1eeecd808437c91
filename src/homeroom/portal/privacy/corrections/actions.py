"""Requests to correct a record: ask, withdraw, answer, finish, add a statement. The database checks who acts."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

ASK = "SELECT ask_for_correction(%(child)s, %(about)s, %(of_row)s, %(wanted)s, %(ground)s, %(why)s)"
WITHDRAW = "SELECT withdraw_correction(%(which)s)"
HEARING = "SELECT ask_for_hearing(%(which)s)"
STATEMENT = "SELECT add_statement(%(which)s, %(words)s)"
SET = "SELECT set_hearing(%(which)s, %(day)s, %(place)s)"
ANSWER = "SELECT answer_correction(%(which)s, %(verdict)s, %(value)s, %(said)s, %(teacher)s)"
FINISH = "SELECT finish_correction(%(which)s)"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a family typed. `of_row` is the row of a score, a class grade or an attendance mark."""

    about: str
    of_row: UUID | None
    wanted: str
    ground: str
    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What an office typed. `verdict` is 'agreed' with a value, or 'refused' with reasons in `said`. `teacher` is what the teacher of a grade said."""

    verdict: str
    value: str
    said: str
    teacher: str


def ask(child: UUID, asked: Asked, *, by: Actor) -> Answer:
    """Returns 'asked', 'taken', 'odd', 'same' or '' (not allowed)."""
    return answer_of(ASK, {"child": child, **asdict(asked)}) if by.side in ("family", "student") else Answer.NOTHING


def withdraw(which: UUID, *, by: Actor) -> Answer:
    """Returns 'withdrawn', 'over' or '' (no request)."""
    return answer_of(WITHDRAW, {"which": which}) if by.side in ("family", "student") else Answer.NOTHING


def ask_for_hearing(which: UUID, *, by: Actor) -> Answer:
    """Returns 'asked', 'over' or '' (no request)."""
    return answer_of(HEARING, {"which": which}) if by.side in ("family", "student") else Answer.NOTHING


def add_statement(which: UUID, words: str, *, by: Actor) -> Answer:
    """Returns 'kept', 'over', 'words' or '' (no request)."""
    return answer_of(STATEMENT, {"which": which, "words": words}) if by.side in ("family", "student") else Answer.NOTHING


def set_hearing(which: UUID, day: date | None, place: str, *, by: Actor) -> Answer:
    """Returns 'set', 'days', 'taken', 'again' or ''."""
    return answer_of(SET, {"which": which, "day": day, "place": place}) if by.side == "staff" else Answer.NOTHING


def answer(which: UUID, answered: Answered, *, by: Actor) -> Answer:
    """Returns the verdict, 'barred', 'taken', 'days', 'odd', 'words', 'heard', 'again' or ''. After a hearing, it is the outcome."""
    return answer_of(ANSWER, {"which": which, **asdict(answered)}) if by.side == "staff" else Answer.NOTHING


def finish(which: UUID, *, by: Actor) -> Answer:
    """Returns 'corrected', 'taken', 'again' or ''."""
    return answer_of(FINISH, {"which": which}) if by.side == "staff" else Answer.NOTHING

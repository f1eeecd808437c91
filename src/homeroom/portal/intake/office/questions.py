"""Queries and actions of an administrator's pages about questions. They only call database functions."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.wording.statements import Statements


@dataclass(frozen=True, slots=True)
class Question:
    """Holds one question. It says only the sourcedId about the person. `is_mine` means that the reader proposed the answer."""

    question: UUID
    kind: str
    sourced_id: str
    answer: str | None
    proposed_by: str | None
    proposed_at: datetime | None
    is_mine: bool | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    is_applied: bool
    is_merged: bool  # and not separated again
    undone_at: datetime | None

    @property
    def is_final(self) -> bool:
        return self.answer == "new person" or self.confirmed_by is not None


@dataclass(frozen=True, slots=True)
class Side:
    """Holds a record as in the file or as in the portal."""

    sourced_id: str
    given_name: str
    family_name: str
    birth_date: date | None
    grade_levels: str
    schools: str


@dataclass(frozen=True, slots=True)
class Beside:
    """`ties` and `accounts` count those of the portal's record."""

    delivery: int
    file: Side
    ours: Side
    ties: int
    accounts: int
    statement: Statements = None  # of the family, about the portal's record


ASKED = Reading(Question, "questions_of", delivery="integer")
QUESTIONS = 50  # a page


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts a file's questions: all, those that wait for a final answer, and those whose answer was carried out."""

    in_all: int = 0
    waiting: int = 0
    applied: int = 0


def questions_of(delivery: int, before: int = 0) -> list[Question]:
    """Returns one more than a page. Open questions come first, so that the next ones move to the first page after answers."""
    query = f"{ASKED.statement} LIMIT {QUESTIONS + 1} OFFSET %(before)s"
    return [Question(*row) for row in rows(query, {"delivery": delivery, "before": before})]


def question_of(delivery: int, question: UUID) -> Question | None:
    found = rows(f"{ASKED.statement} WHERE question = %(question)s", {"delivery": delivery, "question": question})
    return Question(*found[0]) if found else None


def tally(delivery: int) -> Tally:
    counts = f"""SELECT count(*), count(*) FILTER (WHERE (answer = 'new person' OR confirmed_by IS NOT NULL) IS NOT TRUE),
        count(*) FILTER (WHERE is_applied) FROM ({ASKED.statement}) asked"""
    return Tally(*rows(counts, {"delivery": delivery})[0])


def beside(question: UUID) -> Beside | None:
    """Returns both records, after the view is recorded. None if there was no view."""
    ((found,),) = rows("SELECT question_beside(%(question)s)::text", {"question": question})
    if found is None:
        return None
    said = json.loads(found)
    return Beside(said["delivery"], _side(said["file"]), _side(said["ours"]), said["ties"], said["accounts"], said["statement"])


def _side(said: dict[str, Any]) -> Side:
    born = said["birth_date"]
    return Side(**{**said, "birth_date": date.fromisoformat(born) if born else None})


def propose(question: UUID, answer: str) -> Answer:
    """Returns 'proposed' or 'answered', 'taken' if someone was faster, or '' if there is no such question for this administrator."""
    return answer_of("SELECT propose_answer(%(question)s, %(answer)s)", {"question": question, "answer": answer})


def confirm(question: UUID, answer: str) -> Answer:
    """Returns 'answered', 'taken' or ''."""
    return answer_of("SELECT confirm_answer(%(question)s, %(answer)s)", {"question": question, "answer": answer})


def withdraw(question: UUID) -> Answer:
    """Returns 'open', 'taken' or ''."""
    return answer_of("SELECT withdraw_answer(%(question)s)", {"question": question})


def undo_merge(question: UUID) -> Answer:
    """Returns 'undone', 'busy', 'taken' or ''."""
    return answer_of("SELECT undo_merge(%(question)s)", {"question": question})

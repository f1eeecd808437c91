"""The answers of the database's acts: one list of words for the SQL and for the Python that calls it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from homeroom.portal.access.asking import rows

# To mypy an answer is not a string, so mypy refuses to compare one with a bare word. At run time it is a string: it goes into an address
# and selects the words of a page.
if TYPE_CHECKING:
    from enum import Enum as Words
else:
    from enum import StrEnum as Words


class Answer(Words):
    """NOTHING answers for things that don't exist and for things the person may not have, so that it doesn't reveal which it was."""

    NOTHING = ""
    ACCOUNT = "account"
    ACCOUNTS = "accounts"
    AGAIN = "again"
    AGREED = "agreed"
    ALIKE = "alike"
    ANSWERED = "answered"
    APPROVED = "approved"
    ASKED = "asked"
    BARRED = "barred"
    BASIS = "basis"
    BUSY = "busy"
    CARRIED_OUT = "carried out"
    CASEWORKER = "caseworker"
    CHALLENGED = "challenged"
    CHANGED = "changed"
    CLOSED = "closed"
    CODE = "code"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DAYS = "days"
    DECLINED = "declined"
    ENDED = "ended"
    ENDED_BY_STUDENT = "ended by student"
    EVIDENCE = "evidence"
    FACTOR = "factor"
    GIVEN = "given"
    HEARD = "heard"
    HIDDEN = "hidden"
    HOURS = "hours"
    JOINED = "joined"
    KEPT = "kept"
    KINDS = "kinds"
    LEAVE = "leave"
    LONGER = "longer"
    MANY = "many"
    MASKED = "masked"
    MINE = "mine"
    NAME = "name"
    NAMED = "named"
    NOT_POSSIBLE = "not possible"
    OBJECTED = "objected"
    ODD = "odd"
    OF_AGE = "of age"
    OFTEN = "often"
    ON_PAPER = "on paper"
    OPEN = "open"
    OPENED = "opened"
    OVER = "over"
    PAPER = "paper"
    PROOF = "proof"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    RAISED = "raised"
    RECORDED = "recorded"
    REFUSED = "refused"
    RELATION = "relation"
    RESTORED = "restored"
    REVIEWED = "reviewed"
    RIGHTS = "rights"
    RUNS = "runs"
    SAME = "same"
    SENT = "sent"
    SET = "set"
    SET_ASIDE = "set aside"
    SIGNATURE = "signature"
    STOPPED = "stopped"
    STUDENTS = "students"
    TAKEN = "taken"
    TAKEN_DOWN = "taken down"
    TIED = "tied"
    UNDONE = "undone"
    USED = "used"
    VIEWS = "views"
    WHY = "why"
    WITHDRAWN = "withdrawn"
    WORDS = "words"

    def __bool__(self) -> bool:
        return self is not Answer.NOTHING


def answer_in(word: Answer | str) -> Answer:
    """Returns the answer that an address names. Returns NOTHING for an unknown word."""
    try:
        return Answer(word)
    except ValueError:
        return Answer.NOTHING


def answer_of(statement: LiteralString, values: Mapping[str, Any]) -> Answer:
    """Runs inside the request's claimed transaction. Placeholders are named: %(student)s."""
    return Answer(rows(statement, values)[0][0])


class Reply(NamedTuple):
    """What a page says about an act, whether it was done, and the answer for the page's `data-said`."""

    words: str
    is_done: bool
    answer: str


def words_for(then: Answer | str, words: Mapping[Answer | str, tuple[str, bool]]) -> Reply | None:
    """Returns the words for this answer, or None if the page says nothing about it."""
    return Reply(*words[then], str(then)) if then in words else None

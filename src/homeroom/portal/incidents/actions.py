"""Records facts about an incident. The database finds who asks and whether they may."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

DECLARE = "SELECT declare_incident(%(which)s, %(title)s, %(said)s, %(start)s)"
NOTE = "SELECT note_incident(%(which)s, %(kind)s, %(what)s, %(said)s, %(moment)s)"
EARLIER = "SELECT start_earlier(%(which)s, %(start)s, %(why)s)"
LATER = "SELECT propose_later_start(%(which)s, %(start)s, %(why)s)"
HOLD = "SELECT hold_notices(%(which)s, %(said)s, %(ends)s)"
END_HOLD = "SELECT end_hold(%(which)s, %(said)s)"
SUSPECT = "SELECT name_suspect(%(which)s, %(account)s, %(is_cleared)s, %(why)s)"
COUNT = "SELECT count_affected(%(which)s, %(about)s, %(subject)s, %(act)s, %(since)s, %(until)s, %(why)s)"
ASIDE = "SELECT set_count_aside(%(which)s, %(counted)s, %(why)s)"
CONTAIN = "SELECT contain(%(which)s, %(how)s, %(subject)s, %(why)s)"
DRAFT = "SELECT draft_letter(%(which)s, %(notice)s, %(said)s)"
RELEASE = "SELECT propose_letters(%(which)s, %(notice)s, %(why)s)"
REVIEW = "SELECT review_incident(%(which)s, %(said)s)"
NOTIFIER = "SELECT choose_notifier(%(which)s, %(by_district)s, %(why)s)"
PRINT = "SELECT print_breach_letters(%(which)s, %(way)s)"
MAILED = "SELECT batch_mailed(%(which)s, %(batch)s, %(moment)s, %(said)s)"
GIVEN = "SELECT letter_given(%(which)s, %(letter)s, %(moment)s, %(said)s)"
BACK = "SELECT letter_came_back(%(which)s, %(letter)s, %(said)s)"
DECIDE = "SELECT propose_letter_way(%(which)s, %(letter)s, %(way)s, %(why)s)"
OPEN = "SELECT open_breach_letters()"


@dataclass(frozen=True, slots=True)
class Question:
    """Who is counted. `about` is account, time (any account), session, address, device, import or everyone. `subject` is the account, the number of the
    sign-in or of the file, or the cause. Views count from `since` until `until`, of one act if it is given."""

    about: str
    subject: str
    act: str
    since: datetime | None
    until: datetime | None
    why: str


def declare(which: UUID, title: str, said: str, start: datetime | None, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd', 'taken' or ''."""
    return _staff(DECLARE, by, which=which, title=title, said=said, start=start)


def note(which: UUID, kind: str, what: str, said: str, moment: datetime | None = None, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''. `kind` is note, stage, done or triggers."""
    return _staff(NOTE, by, which=which, kind=kind, what=what, said=said, moment=moment)


def start_earlier(which: UUID, start: datetime | None, why: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(EARLIER, by, which=which, start=start, why=why)


def propose_later_start(which: UUID, start: datetime | None, why: str, *, by: Actor) -> Answer:
    """Returns 'proposed', 'taken', 'odd', 'again' or ''."""
    return _staff(LATER, by, which=which, start=start, why=why)


def hold(which: UUID, said: str, ends: datetime | None, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd', 'again' or ''."""
    return _staff(HOLD, by, which=which, said=said, ends=ends)


def end_hold(which: UUID, said: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(END_HOLD, by, which=which, said=said)


def name_suspect(which: UUID, account: UUID | None, why: str, *, is_cleared: bool, by: Actor) -> Answer:
    """Returns 'recorded', 'mine', 'same', 'odd', 'again' or ''."""
    return _staff(SUSPECT, by, which=which, account=account, is_cleared=is_cleared, why=why)


def count(which: UUID, question: Question, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(COUNT, by, which=which, **asdict(question))


def set_aside(which: UUID, counted: UUID | None, why: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''. `counted` is the count that no longer counts."""
    return _staff(ASIDE, by, which=which, counted=counted, why=why)


def contain(which: UUID, how: str, subject: str, why: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'proposed', 'taken', 'same', 'mine', 'odd', 'again' or ''."""
    return _staff(CONTAIN, by, which=which, how=how, subject=subject, why=why)


def review(which: UUID, said: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(REVIEW, by, which=which, said=said)


def draft(which: UUID, notice: str, said: Mapping[str, Mapping[str, str]], *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''. `said` has what_happened, doing and can_do in en and es."""
    return _staff(DRAFT, by, which=which, notice=notice, said=json.dumps(said))


def propose_letters(which: UUID, notice: str, why: str, *, by: Actor) -> Answer:
    """Returns 'proposed', 'taken', 'odd', 'barred', 'again' or ''."""
    return _staff(RELEASE, by, which=which, notice=notice, why=why)


def choose_notifier(which: UUID, why: str, *, by_district: bool, by: Actor) -> Answer:
    """Returns 'recorded', 'taken', 'same', 'odd' or ''."""
    return _staff(NOTIFIER, by, which=which, by_district=by_district, why=why)


def print_batch(which: UUID, way: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd', 'barred', 'again' or ''."""
    return _staff(PRINT, by, which=which, way=way)


def batch_mailed(which: UUID, batch: UUID | None, moment: datetime | None, said: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(MAILED, by, which=which, batch=batch, moment=moment, said=said)


def letter_given(which: UUID, letter: UUID | None, moment: datetime | None, said: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(GIVEN, by, which=which, letter=letter, moment=moment, said=said)


def letter_came_back(which: UUID, letter: UUID | None, said: str, *, by: Actor) -> Answer:
    """Returns 'recorded', 'odd' or ''."""
    return _staff(BACK, by, which=which, letter=letter, said=said)


def propose_letter_way(which: UUID, letter: UUID | None, way: str, why: str, *, by: Actor) -> Answer:
    """Returns 'proposed', 'taken', 'odd', 'again' or ''. `way` is portal, paper, hand or none."""
    return _staff(DECIDE, by, which=which, letter=letter, way=way, why=why)


def open_letters() -> Answer:
    """Records that the person asking opened their letters. Returns 'recorded', or '' if they were opened before."""
    return answer_of(OPEN, {})


def _staff(statement: str, by: Actor, **values: object) -> Answer:
    return answer_of(statement, values) if by.side == "staff" else Answer.NOTHING

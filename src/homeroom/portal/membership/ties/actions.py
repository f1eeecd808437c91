"""An administrator's acts about access to a student, restrictions, contacts and parent access. The database checks who asks."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

SET = "SELECT set_tie(%(child)s, %(whom)s, %(kind)s, %(said)s::jsonb)"
CHANGE = "SELECT change_tie(%(child)s, %(which)s, %(said)s::jsonb)"
END = "SELECT end_tie(%(child)s, %(which)s)"
CONFIDENTIAL = "SELECT set_tie_confidential(%(child)s, %(which)s, %(is_kept)s)"
BAR = "SELECT bar(%(child)s, %(whom)s, %(said)s::jsonb)"
LONGER = "SELECT bar_longer(%(child)s, %(which)s, %(until)s)"
LIFT = "SELECT propose_lifting(%(child)s, %(which)s, %(why)s)"
KEEP = "SELECT keep_contact(%(child)s, %(which)s)"
SHOW = "SELECT propose_contact_shown(%(child)s, %(which)s, %(why)s)"
JOIN = "SELECT join_contact(%(child)s, %(which)s, %(whom)s)"
PART = "SELECT part_contact(%(child)s, %(which)s)"
CLOSE = "SELECT close_to_parents(%(child)s, %(basis)s, %(words)s)"
OPEN = "SELECT propose_opening_to_parents(%(child)s, %(why)s)"


def _done(statement: str, by: Actor, **said: Any) -> Answer:
    """Returns the database's answer (see membership/ties). '' means not allowed or not there."""
    return answer_of(statement, said) if by.is_administrator else Answer.NOTHING


def set_tie(child: UUID, whom: UUID | None, kind: str, said: Mapping[str, Any], *, by: Actor) -> Answer:
    """`whom` is None for a new person, whom `said` names."""
    return _done(SET, by, child=child, whom=whom, kind=kind, said=json.dumps(said))


def change_tie(child: UUID, which: UUID, said: Mapping[str, Any], *, by: Actor) -> Answer:
    return _done(CHANGE, by, child=child, which=which, said=json.dumps(said))


def end_tie(child: UUID, which: UUID, *, by: Actor) -> Answer:
    return _done(END, by, child=child, which=which)


def keep_tie_confidential(child: UUID, which: UUID, *, is_kept: bool, by: Actor) -> Answer:
    return _done(CONFIDENTIAL, by, child=child, which=which, is_kept=is_kept)


def bar(child: UUID, whom: UUID | None, said: Mapping[str, Any], *, by: Actor) -> Answer:
    return _done(BAR, by, child=child, whom=whom, said=json.dumps(said))


def bar_longer(child: UUID, which: UUID, until: date | None, *, by: Actor) -> Answer:
    """`until` is None for no end."""
    return _done(LONGER, by, child=child, which=which, until=until)


def propose_lifting(child: UUID, which: UUID, why: str, *, by: Actor) -> Answer:
    return _done(LIFT, by, child=child, which=which, why=why)


def keep_contact(child: UUID, which: UUID, *, by: Actor) -> Answer:
    return _done(KEEP, by, child=child, which=which)


def propose_contact_shown(child: UUID, which: UUID, why: str, *, by: Actor) -> Answer:
    return _done(SHOW, by, child=child, which=which, why=why)


def join_contact(child: UUID, which: UUID, whom: UUID, *, by: Actor) -> Answer:
    """`whom` is an adult with access or another contact. The contact and `whom` are the same person."""
    return _done(JOIN, by, child=child, which=which, whom=whom)


def part_contact(child: UUID, which: UUID, *, by: Actor) -> Answer:
    """`which` is the join to end."""
    return _done(PART, by, child=child, which=which)


def close_to_parents(child: UUID, basis: str, words: str, *, by: Actor) -> Answer:
    return _done(CLOSE, by, child=child, basis=basis, words=words)


def propose_opening(child: UUID, why: str, *, by: Actor) -> Answer:
    return _done(OPEN, by, child=child, why=why)

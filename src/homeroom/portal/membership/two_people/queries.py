"""Reads proposals that wait, run under a time lock or were decided lately. Returns nothing to anyone without an office."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Proposed:
    """`takes` and `state`: see membership/two_people. `about` is a person's name. `school` is None for the district. `seen` is the version that an answer is
    about."""

    uuid: UUID
    kind: str
    takes: str
    state: str
    about: str | None
    school: str | None
    payload: Mapping[str, Any]
    reason: str
    proposer: str
    is_mine: bool
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    words: str
    lock_until: datetime | None
    ended_at: datetime | None
    seen: str
    may_decide: bool


SHOWN = Reading(Proposed, "proposals_shown")


def proposals() -> list[Proposed]:
    """Returns proposals. Those that wait come first."""
    return [Proposed(*(*row[:6], json.loads(row[6]), *row[7:])) for row in SHOWN.rows()]

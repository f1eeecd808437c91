"""Publishes news and takes it down. The database finds who asks and whether they may."""

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

PUBLISH = "SELECT publish_news(%(said)s)"
TAKE_DOWN = "SELECT take_down_news(%(which)s)"


@dataclass(frozen=True, slots=True)
class Draft:
    """`school` is a uuid, or "" for the whole district. `last_day` is in ISO 8601, or ""."""

    school: str
    audience: str
    title: str
    words: str
    title_es: str
    words_es: str
    last_day: str


def publish(draft: Draft, *, by: Actor) -> Answer:
    """Returns 'published', 'odd', 'named', 'again', or '' if this person may not publish."""
    return answer_of(PUBLISH, {"said": json.dumps(asdict(draft))}) if by.side == "staff" else Answer.NOTHING


def take_down(which: UUID, *, by: Actor) -> Answer:
    """Returns 'taken down', 'taken', 'again' or ''."""
    return answer_of(TAKE_DOWN, {"which": which}) if by.side == "staff" else Answer.NOTHING

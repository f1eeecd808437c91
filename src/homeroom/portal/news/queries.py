"""News for the person asking, and everything published, for the people who publish. The database chooses the rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import Query
from homeroom.portal.access.reading import Reading

MOST = 100  # on the page
NEWEST = 3  # on home


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An empty `school` means the district. The _es fields are "" if it was not written in Spanish."""

    uuid: UUID
    title: str
    words: str
    title_es: str
    words_es: str
    school: str
    published_at: datetime


class NewsPlace(NamedTuple):
    """A school that this person publishes for. Two empty texts mean the whole district."""

    uuid: str
    name: str


places = Reading(NewsPlace, "schools_i_publish_for")
SHOWN = Reading(NewsItem, "news_shown", which="uuid", most="integer")


@dataclass(frozen=True, slots=True)
class Published:
    uuid: UUID
    title: str
    school: str
    audience: str
    published_at: datetime
    publisher: str
    last_day: date | None
    taken_down_at: datetime | None
    is_shown: bool
    is_hidden: bool


published = Reading(Published, "news_published")


def news(most: int = MOST) -> list[NewsItem]:
    """Newest first."""
    return SHOWN(which=None, most=most)


def newest_asked() -> Query:
    """For the home page, which sends this query together with its own. The rows are for `pages.items_in`."""
    return SHOWN.asked(which=None, most=NEWEST)


def one(which: UUID) -> NewsItem | None:
    """None: no such news is published to this person."""
    return SHOWN.one(which=which, most=1)

"""What is published to the person asking; and, for those who publish, what stands. The table's policy chooses the rows."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.asking import rows

SHOWN = """SELECT n.uuid, n.title, n.words, n.title_es, n.words_es, coalesce(s.name, ''), n.published_at
    FROM news_item n LEFT JOIN school s ON s.id = n.school_id
    WHERE %(which)s::uuid IS NULL OR n.uuid = %(which)s ORDER BY n.published_at DESC, n.id DESC LIMIT %(most)s"""
PLACES = "SELECT uuid, name FROM schools_i_publish_for()"
PUBLISHED = "SELECT uuid, title, school, audience, published_at, publisher, last_day, taken_down_at, is_shown FROM news_published()"
MOST = 100  # on the page
NEWEST = 3  # on home


@dataclass(frozen=True, slots=True)
class NewsItem:
    """school: "" is the district's. The _es are "" where it was not written in Spanish."""

    uuid: UUID
    title: str
    words: str
    title_es: str
    words_es: str
    school: str
    published_at: datetime


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


def news(most: int = MOST) -> list[NewsItem]:
    """The newest first."""
    return [NewsItem(*row) for row in rows(SHOWN, {"which": None, "most": most})]


def one(which: UUID) -> NewsItem | None:
    """None: there is none that is published to this person."""
    found = rows(SHOWN, {"which": which, "most": 1})
    return NewsItem(*found[0]) if found else None


def places() -> list[tuple[str, str]]:
    """uuid and name of each school that this person publishes for; two empty texts: the whole district."""
    return [(str(uuid), str(name)) for uuid, name in rows(PLACES, {})]


def published() -> list[Published]:
    return [Published(*row) for row in rows(PUBLISHED, {})]

"""An account's sessions: the list that its owner sees, and the ways to end them."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading
from homeroom.portal.addresses import keyed
from homeroom.portal.door.devices import device_words


@dataclass(frozen=True, slots=True)
class Place:
    """One session. `handle` is its name in the page's form. The session's key stays in the table."""

    handle: str
    device: str
    began: datetime
    seen: datetime
    is_this: bool
    is_kept: bool  # for 30 days, on the person's own device

    @property
    def words(self) -> str:
        return device_words(self.device)


@dataclass(frozen=True, slots=True)
class Other:
    """The same person's account on the other side. Staff who are parents have two."""

    side: str
    sign_in_name: str


PLACES = Reading(Place, "sessions_shown", key="bytea")
OTHER = Reading(Other, "other_side", key="bytea")


def sessions_of(here: Session) -> list[Place]:
    """Returns the account's sessions, this one first, then by when they were last seen."""
    return PLACES(key=here.key)


def end_by_handle(request: HttpRequest, here: Session, handle: str) -> bool:
    return bool(server_bound("SELECT end_other_sessions(%s, %s, %s)", (here.key, handle.replace("\x00", ""), keyed(request.headers))))


def end_all_but(request: HttpRequest, here: Session) -> None:
    server_bound("SELECT end_other_sessions(%s, NULL, %s)", (here.key, keyed(request.headers)))


def other_account(here: Session) -> Other | None:
    return next(iter(OTHER(key=here.key)), None)

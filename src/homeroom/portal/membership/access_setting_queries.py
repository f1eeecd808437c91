"""The district's choices about who sees what, who changed each and when, and what another choice would give and take."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable, QueryCanceled

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

PREVIEW = "SELECT preview_setting(%(setting)s, %(becomes)s)"
PATIENCE = "25s"  # instead of a page's 15: the front waits 30 for all of the page. NULL: as it was
BOUND = "SELECT set_config('statement_timeout', %(longest)s, true)"


class NotInTime(Exception):
    """The database did not work it out in time, or somebody else's preview holds the district's row."""


@dataclass(frozen=True, slots=True)
class Change:
    """by: None for the operator. second: who confirmed it, where it took two."""

    at: datetime
    was: str
    now: str
    by: str | None
    second: str | None


@dataclass(frozen=True, slots=True)
class AccessSetting:
    """setting: its name. choices: from the narrowest. waits: the choice that a second person is asked for. history: the newest first."""

    setting: str
    choice: str
    choices: list[str]
    waits: str | None
    may_change: bool
    history: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """gain, lose: accounts. most_more, most_fewer: students, of the account whose reach changes most."""

    capacity: str
    kind: str
    gain: int
    lose: int
    most_more: int
    most_fewer: int


@dataclass(frozen=True, slots=True)
class Named:
    """was, now: students. was_classes, classes: of a teacher; 0 for others."""

    name: str
    kind: str
    was: int
    now: int
    was_classes: int
    classes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """asked: how many people answered. together, by_code: requests, before and after; news: who waits and reads school news."""

    was: str
    is_wider: bool
    asked: int
    rows: tuple[Reach, ...]
    names: tuple[Named, ...]
    together: tuple[int, int]
    by_code: tuple[int, int]
    news: tuple[int, int]


SHOWN = Reading(AccessSetting, "access_settings_shown")


def access_settings() -> list[AccessSetting]:
    """Nothing for whoever holds no office."""
    return [
        AccessSetting(setting, choice, choices, waits, may_change, tuple(_change(each) for each in json.loads(history)))
        for setting, choice, choices, waits, may_change, history in SHOWN.rows()
    ]


def setting_named(name: str) -> AccessSetting | None:
    return next((each for each in access_settings() if each.setting == name), None)


def _change(said: dict[str, str | None]) -> Change:
    at = timezone.localtime(datetime.fromisoformat(str(said["at"])))
    return Change(at, str(said["was"]), str(said["now"]), said["by"], said["second"])


def preview_of(setting: str, becomes: str) -> Preview | None:
    """None: no such choice, or not for who asks. Raises NotInTime: all of it is taken back, and the request goes on."""
    try:
        with transaction.atomic():
            rows(BOUND, {"longest": PATIENCE})
            ((answer,),) = rows(PREVIEW, {"setting": setting, "becomes": becomes})
            rows(BOUND, {"longest": None})
    except OperationalError as late:
        if not isinstance(late.__cause__, QueryCanceled | LockNotAvailable):
            raise
        raise NotInTime from late
    if answer is None:
        return None
    said = json.loads(answer)
    reach, named = tuple(Reach(**each) for each in said["rows"]), tuple(Named(**each) for each in said["names"])
    together, by_code, news = ((said[what][0], said[what][1]) for what in ("together", "by code", "news"))
    return Preview(said["was"], said["wider"], said["asked"], reach, named, together, by_code, news)

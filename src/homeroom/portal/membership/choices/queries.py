"""Reads the access settings, who changed each and when, and what another choice would give and take away."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable, QueryCanceled

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

PREVIEW = "SELECT preview_setting(%(setting)s, %(becomes)s)"
PATIENCE = "25s"  # other pages have 15 s, and the front waits 30 s for the whole page. NULL resets it
BOUND = "SELECT set_config('statement_timeout', %(longest)s, true)"


class NotInTime(Exception):
    """The database took too long, or another person's preview has the district's row locked."""


@dataclass(frozen=True, slots=True)
class Change:
    """`by` is None for the operator. `second` confirmed it, if it needed a second approval."""

    at: datetime
    was: str
    now: str
    by: str | None
    second: str | None


@dataclass(frozen=True, slots=True)
class AccessSetting:
    """`choices` starts with the strictest. `waits` is the choice that needs a second approval. `history` starts with the newest."""

    setting: str
    choice: str
    choices: list[str]
    waits: str | None
    may_change: bool
    history: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """`gain` and `lose` count accounts. `most_more` and `most_fewer` count students of the account whose access changes most."""

    capacity: str
    kind: str
    gain: int
    lose: int
    most_more: int
    most_fewer: int


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """`was` and `now` count students. `was_classes` and `classes` count a teacher's classes. They are 0 for others."""

    name: str
    kind: str
    was: int
    now: int
    was_classes: int
    classes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`asked` is the number of accounts compared. `together` and `by_code` count requests before and after. `news` counts waiting people who read school
    news."""

    was: str
    is_wider: bool
    asked: int
    rows: tuple[Reach, ...]
    names: tuple[NamedPerson, ...]
    together: tuple[int, int]
    by_code: tuple[int, int]
    news: tuple[int, int]


SHOWN = Reading(AccessSetting, "access_settings_shown")


def access_settings() -> list[AccessSetting]:
    """Returns nothing to anyone who isn't an administrator."""
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
    """Returns None if there is no such choice or the caller may not change it. Raises NotInTime after a rollback. The request can go on."""
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
    reach, named = tuple(Reach(**each) for each in said["rows"]), tuple(NamedPerson(**each) for each in said["names"])
    together, by_code, news = ((said[what][0], said[what][1]) for what in ("together", "by code", "news"))
    return Preview(said["was"], said["wider"], said["asked"], reach, named, together, by_code, news)

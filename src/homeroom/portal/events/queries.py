"""Security events from the database, as an administrator may read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Event:
    """`account` and `name` are empty if the event is no one's, the operator's, or of someone whom the administrator may not decide about.
    `name` is also empty until the person is counted as viewed."""

    number: int
    at: datetime
    kind: str
    result: str
    what: str
    account: int | None
    name: str | None
    side: str | None
    address: bytes | None
    device: str
    about: int | None
    is_hidden: bool


EVENTS = Reading(
    Event, "security_events", of_kind="text", of_result="text", of_account="bigint", of_address="bytea", since="timestamptz", until="timestamptz",
    before_at="timestamptz", before="bigint",
)  # fmt: skip


COUNT = "SELECT count_names(%(accounts)s::bigint[])"


def counted(found: Sequence[Event]) -> int:
    """Counts the people of these events, before their names are shown. Returns how many, or look()'s answer (below 0) if they are too many."""
    accounts = {each.account for each in found if each.account is not None and each.name is None}
    return int(rows(COUNT, {"accounts": list(accounts)})[0][0]) if accounts else 0


def events(conditions: Mapping[str, Any]) -> list[Event]:
    """Returns the newest first, and one more than a page shows if there are more. `conditions` has a value for each argument. None leaves one out."""
    return EVENTS(**conditions)

"""Security events from the database, as an administrator may read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.portal.access.reading import Reading

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Event:
    """`account` and `name` are empty if the event is no one's, the operator's, or of someone whom the administrator may not decide about."""

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


def events(conditions: Mapping[str, Any]) -> list[Event]:
    """Returns the newest first, and one more than a page shows if there are more. `conditions` has a value for each argument. None leaves one out."""
    return EVENTS(**conditions)

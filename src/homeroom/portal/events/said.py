"""An event as programs read it: a line of JSON, and a syslog message."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

KINDS = (
    "sign in", "sign out", "second factor", "confirmation", "code", "factor", "account", "access", "setting", "file", "key", "cap",
    "limit", "support", "restore", "export",
)  # fmt: skip
RESULTS = ("done", "wrong", "waits", "used up", "factor asked", "refused", "imported", "held", "rejected", "undone", "half", "reached", "ended")
FIELDS = ("id", "at", "kind", "result", "what", "account_id", "address", "device", "about", "xid")
AUDIT = 13  # RFC 5424 6.2.1: the facility "log audit"
SEVERITIES = {"wrong": 4, "waits": 4, "used up": 4, "refused": 4, "reached": 1, "ended": 4, "rejected": 4}  # 4 warning, 1 alert
INFORMATIONAL = 6


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of security_event. `at` has its zone."""

    id: int
    at: datetime
    kind: str
    result: str
    what: str
    account_id: int | None
    address: bytes | None
    device: str
    about: int | None
    xid: int

    def as_json(self, portal: str) -> dict[str, Any]:
        """Returns plain values. `number` is the same whenever the event is sent, so a receiver recognizes one that comes twice."""
        return {
            "portal": portal,
            "number": self.id,
            "at": self.moment,
            "kind": self.kind,
            "result": self.result,
            "what": self.what,
            "account": self.account_id,
            "address": self.address.hex() if self.address else None,
            "device": self.device,
            "about": self.about,
        }

    @property
    def moment(self) -> str:
        return self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def line_of(event: EventRow, portal: str) -> bytes:
    """Returns a line of JSON in ASCII. A line break in a value is escaped, so no event can look like two."""
    return json.dumps(event.as_json(portal), separators=(",", ":")).encode() + b"\n"


def message_of(event: EventRow, portal: str, host: str) -> bytes:
    """Returns a message of RFC 5424 with its length before it (RFC 5425 4.3). Its text is the line of JSON."""
    severity = SEVERITIES.get(event.result, INFORMATIONAL)
    head = f"<{AUDIT * 8 + severity}>1 {event.moment} {host} homeroom-{portal} - {event.kind.replace(' ', '-')} - "
    text = head.encode() + line_of(event, portal).rstrip(b"\n")
    return f"{len(text)} ".encode() + text


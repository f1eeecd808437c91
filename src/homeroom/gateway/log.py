"""The gateway's log: one JSON line an event. Never a file's name, never a value about a person."""

import json
import sys
from datetime import UTC, datetime


def say(event: str, **facts: str | int | float | None) -> None:
    """Facts are a sender's or portal's name, a digest, a size, a code, an address: what the gateway may know."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | facts
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def short(digest: str) -> str:
    return digest[:12]

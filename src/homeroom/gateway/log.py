"""The gateway's log: one JSON line per event. It never has a file's name or a value about a person."""

import json
import sys
from datetime import UTC, datetime


def say(event: str, **facts: str | int | float | None) -> None:
    """Writes one event. Facts are a sender's or portal's name, a digest, a size, a code or an address: what the gateway may know."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | facts
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def short(digest: str) -> str:
    return digest[:12]

"""The results of a portal's last 400 runs, newest last, for the doctor and for `homeroom backup list`."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.ops.answers import sentence
from homeroom.seal.whole import write_whole

MOST = 400
LATE = timedelta(hours=2)  # after the time it was due
SKEW = timedelta(minutes=10)  # how far a good clock may have been set back


@dataclass(frozen=True, slots=True)
class Result:
    """`tier` is where the drill read the backup from. It is empty if there was no drill."""

    number: int
    at: str
    is_well: bool
    told: str
    tier: str = ""

    @classmethod
    def well(cls, answer: dict[str, Any]) -> "Result":
        proof = answer["drill"] or {}
        told = f"{answer['rows']:,} rows, {answer['bytes']:,} bytes sealed"
        return cls(answer["number"], datetime.now(UTC).isoformat(), True, told, proof.get("tier", ""))

    @classmethod
    def failed(cls, number: int, trouble: Exception) -> "Result":
        return cls(number, datetime.now(UTC).isoformat(), False, sentence(trouble))


def is_ahead(at: datetime, now: datetime) -> bool:
    """Returns whether the clock ran ahead at that time and was corrected since. Such a time says nothing about what came later."""
    return at > now + SKEW


def note_result(portal: Path, result: Result) -> None:
    (portal / "backup").mkdir(mode=0o700, exist_ok=True)
    found = [*results(portal), result][-MOST:]
    write_whole(portal / "backup" / "results.json", json.dumps([asdict(each) for each in found], indent=1).encode())


def results(portal: Path) -> list[Result]:
    path = portal / "backup" / "results.json"
    return [Result(**each) for each in json.loads(path.read_text())] if path.exists() else []

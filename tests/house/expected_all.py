"""Expected answers of every function that app may execute, room by room."""

from tests.house import (
    expected_ages,
    expected_audit,
    expected_challenges,
    expected_incidents,
    expected_intake,
    expected_offices,
    expected_privacy,
    expected_records,
    expected_requests,
    expected_roster,
    expected_ties,
    expected_tutors,
)
from tests.house.expected_records import Record
from tests.house.notation import Act, Read

ROOMS = (
    expected_roster,
    expected_records,
    expected_intake,
    expected_offices,
    expected_requests,
    expected_challenges,
    expected_tutors,
    expected_ages,
    expected_ties,
    expected_privacy,
    expected_incidents,
    expected_audit,
)
ROOM_OF = {  # function → the file of its values
    name: room.__name__.rpartition("expected_")[2]
    for room in ROOMS
    for kind in ("READS", "RECORDS")
    for name in getattr(room, kind, {})
}
READS: dict[str, Read] = {name: read for room in ROOMS for name, read in getattr(room, "READS", {}).items()}
RECORDS: dict[str, Record] = {name: read for room in ROOMS for name, read in getattr(room, "RECORDS", {}).items()}
ACTS: dict[str, Act] = {name: act for room in ROOMS for name, act in getattr(room, "ACTS", {}).items()}

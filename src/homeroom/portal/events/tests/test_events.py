"""Which events are written, what they hold, and who reads them."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from homeroom.portal.events.said import KINDS, RESULTS
from homeroom.portal.events.words import KINDS as KIND_WORDS
from homeroom.portal.events.words import RESULTS as RESULT_WORDS
from homeroom.portal.events.words import what_words
from tests.school import School, proof_of

NEWEST = "SELECT kind, result, what, address, device FROM security_event ORDER BY id DESC LIMIT %s"
MARK = "0123456789abcdef0123456789abcdef"
ROOMS = Path(__file__).parents[2]


def events(school: School, most: int = 1) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute(NEWEST, [most]).fetchall()


def test_every_kind_and_every_result_has_words() -> None:
    assert set(KIND_WORDS) == set(KINDS) and set(RESULT_WORDS) == set(RESULTS)


def test_each_change_that_the_access_log_writes_has_words() -> None:
    sources = [path.read_text() for path in ROOMS.rglob("*.sql")]
    written = {found for text in sources for found in re.findall(r"ledger_(?:change|setting)\('([a-z0-9 '-]+)',", text)}
    commands = [path.read_text() for path in (ROOMS.parent / "ops").rglob("*.py") if "tests" not in path.parts]
    said = re.compile(r"""(?:\brecord\("|\(TOLD, \["|ledger_change\(')([a-z0-9 '-]+?)(?:"|',)""")
    written |= {found.replace("''", "'") for text in commands for found in said.findall(text)}
    assert len(written) > 70 and {"account made", "rollover taken back", "hold begun", "board's address"} <= written
    assert {each for each in written if what_words(each, "access") == "Another change"} - {"sign-in changed"} == set()


@pytest.mark.parametrize(("entry", "kind"), [
    ("rollover taken back", "setting"), ("board's address", "setting"), ("import upload", "file"), ("password set", "factor"), ("account made", "account"),
    ("viewing locked", "cap"), ("support granted", "support"), ("restored", "restore"), ("tie made", "access"), ("card printed", "code"),
])  # fmt: skip
def test_an_entry_of_the_access_log_has_its_kind(school: School, entry: str, kind: str) -> None:
    with school.connect("owner") as owner:
        assert owner.execute("SELECT event_kind(%s)", [entry]).fetchone() == (kind,)


def test_a_setting_of_the_district_has_words(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        owner.execute("SELECT ledger_setting('tutors', '{}', NULL, 'operator')")
    assert events(own_school) == [("setting", "done", "tutors", None, "")]


@pytest.mark.parametrize("login", ["app", "door", "intake", "jobs", "sealer", "watcher", "forwarder"])
@pytest.mark.parametrize("act", ["UPDATE security_event SET kind = 'sign in'", "DELETE FROM security_event", "TRUNCATE security_event",
                                 "INSERT INTO security_event (at, kind, result, xid) VALUES (now(), 'sign in', 'done', 1)"])  # fmt: skip
def test_no_login_changes_removes_or_forges_a_row(school: School, login: str, act: str) -> None:
    with school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(act)


def test_the_door_notes_only_failures_that_it_can_know(school: School) -> None:
    with school.connect("door") as door, pytest.raises(psycopg.errors.RaiseException):
        door.execute("SELECT note_failure('access', 'wrong', NULL, '', '', '')")


def test_an_event_has_no_other_text_than_our_own_words(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        owner.execute("SELECT note_event('sign in', 'wrong', NULL, %s, %s, %s)", ["Ana Ruiz\n<b>ñ@x.org", "203.0.113.5", "Firefox/99 <script>"])
    assert events(own_school) == [("sign in", "wrong", "na uizbx.org", None, "Firefox script")]


def test_a_view_over_the_cap_is_one_event_an_hour(own_school: School) -> None:
    own_school.change("UPDATE district SET caps = '{\"family\": 0}'")
    with own_school.connect("app", autocommit=True) as app:
        for _time in range(3):
            statement = "SELECT look(%s, 'child', %s) FROM set_config('homeroom.address', %s, true)"
            assert app.execute(statement, [proof_of("ana", "family"), own_school.uuid("nina"), MARK]).fetchone() == (-1,)
    kinds = [row[:4] for row in events(own_school, 3)]
    assert kinds.count(("cap", "reached", "child", bytes.fromhex(MARK))) == 1


def test_events_are_kept_as_long_as_the_district_says(own_school: School) -> None:
    own_school.change("UPDATE district SET event_days = 90")
    with own_school.connect("owner") as owner:
        owner.execute("DELETE FROM security_event")
        for days in (89, 91):
            owner.execute("SELECT note_event('sign out', 'done', NULL, %s)", [f"{days} days"])
            owner.execute("UPDATE security_event SET at = now() - make_interval(days => %s) WHERE what = %s", [days, f"{days} days"])
    with own_school.connect("jobs") as jobs:
        assert jobs.execute("SELECT events_swept()").fetchone() == (1,)
    assert [row[2] for row in events(own_school, 5)] == ["89 days"]


def test_no_one_keeps_events_for_less_than_ninety_days(own_school: School) -> None:
    with own_school.connect("owner") as owner, pytest.raises(psycopg.errors.CheckViolation):
        owner.execute("UPDATE district SET event_days = 30")


def test_a_file_and_a_signing_key_are_events(own_school: School) -> None:
    own_school.change("UPDATE delivery SET state = 'held', reason = 'too-many-gone' WHERE id = (SELECT max(id) FROM delivery)")
    assert events(own_school)[0][:3] == ("file", "held", "too-many-gone")
    own_school.change("UPDATE signer SET revoked_at = now()")
    assert events(own_school)[0][:3] == ("key", "done", "signer revoked")

"""What one session, one address, one device or one file affected."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from homeroom.portal.incidents.tests.incidents import COUNT, OFFICE, account, counted, declare, look, note
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.school import School, proof_of

ADDRESS = "ab" * 16


def event(school: School, name: str, kind: str = "sign in", side: str = "staff", *, key: bytes | None = None, **known: Any) -> int:
    """Writes a security event of this person's session as the door would. Returns its number."""
    known = {"session": key or sha256(proof_of(name, side)).digest(), "address": bytes.fromhex(ADDRESS), "device": "Firefox on Android"} | known
    columns = ", ".join(known)
    school.change(
        f"""INSERT INTO security_event (at, kind, result, xid, account_id, {columns})
            SELECT now() - interval '1 minute', %s, 'done', 1, id, {", ".join(["%s"] * len(known))} FROM account WHERE uuid = %s""",
        kind, *known.values(), account(school, name, side),
    )  # fmt: skip
    return int(one(school, "SELECT max(id) FROM security_event"))


def asked(school: School, about: str, subject: object, ago: timedelta = timedelta(hours=1)) -> str:
    """Counts, and returns the answer."""
    until = one(school, "SELECT clock_timestamp()")
    return str(ask(school, "carl", COUNT, [declare(school), about, str(subject), "", until - ago, until]))


def students(school: School) -> int:
    return int(counted(school)["by_kind"].get("students", 0))


@pytest.fixture
def viewed(own_school: School) -> School:
    """Bo and Dana opened their classes, and Bo did it in two sessions: two of his students in this one, none in the other."""
    assert look(own_school, "bo", "gradebook", "algebra") and look(own_school, "dana", "gradebook", "english")
    return own_school


def test_one_session_counts_and_another_of_the_same_account_does_not(viewed: School) -> None:
    mine, other = event(viewed, "bo"), event(viewed, "bo", key=bytes(32))
    assert asked(viewed, "session", other) == "recorded"
    assert (students(viewed), counted(viewed)["views"]) == (0, 0)
    assert asked(viewed, "session", mine) == "recorded"
    assert (students(viewed), counted(viewed)["by_data"]["staff: credentials"]) == (2, 1)


def test_a_session_that_got_new_keys_is_still_one_session(viewed: School) -> None:
    """Each confirmation gives a session another key. The view came with the third."""
    first = event(viewed, "bo", key=b"1" * 32)
    event(viewed, "bo", "confirmation", key=b"2" * 32, session_before=b"1" * 32)
    event(viewed, "bo", "confirmation", session_before=b"2" * 32)
    assert asked(viewed, "session", first) == "recorded" and students(viewed) == 2


def test_an_address_counts_every_session_that_came_from_it(viewed: School) -> None:
    bo = event(viewed, "bo")
    event(viewed, "dana", address=bytes(16))
    assert asked(viewed, "address", bo) == "recorded"
    assert (counted(viewed)["views"], counted(viewed)["by_data"]["staff: credentials"]) == (1, 1)
    event(viewed, "dana")
    assert asked(viewed, "address", bo) == "recorded"
    assert (counted(viewed)["views"], counted(viewed)["by_data"]["staff: credentials"]) == (2, 2)


def test_a_device_counts_this_account_only(viewed: School) -> None:
    bo = event(viewed, "bo")
    event(viewed, "dana")
    assert asked(viewed, "device", bo) == "recorded" and counted(viewed)["views"] == 1
    assert asked(viewed, "device", event(viewed, "bo", device="Safari on iPhone", key=bytes(32))) == "recorded" and counted(viewed)["views"] == 0


def test_a_sign_in_of_someone_whom_carl_may_not_decide_about_is_not_found(viewed: School) -> None:
    """A parent at the office must not follow the other parent's sign-ins. The whole account still counts."""
    other = event(viewed, "bo")
    viewed.change("UPDATE tie SET adult_id = %s WHERE adult_id = %s", viewed.ids["carl"], viewed.ids["ana"])
    viewed.change("UPDATE tie SET adult_id = %s WHERE adult_id = %s", viewed.ids["bo"], viewed.ids["jo"])
    assert asked(viewed, "session", other) == "odd"
    assert ask(viewed, "carl", "SELECT count(*) FROM incident_sign_ins(%s)", [account(viewed)]) == 0
    assert asked(viewed, "account", account(viewed)) == "recorded"


@pytest.mark.parametrize("wrong", ["0", "999999999999", "1 OR 1", "", "no session", "no address", "no device"])
def test_a_sign_in_that_is_not_there_is_refused(viewed: School, wrong: str) -> None:
    without = {"no session": {"session": None}, "no address": {"address": None}, "no device": {"device": ""}}.get(wrong)
    number = event(viewed, "bo", **without) if without else wrong
    assert asked(viewed, "device" if wrong == "no device" else "address", number) == "odd"


def test_tries_that_a_limit_refused_count_for_their_session_and_a_warning_is_no_try(viewed: School) -> None:
    mine = event(viewed, "bo")
    for result, key in (("reached", None), ("half", None), ("reached", bytes(32))):
        event(viewed, "bo", "cap", key=key)
        viewed.change("UPDATE security_event SET result = %s WHERE id = (SELECT max(id) FROM security_event)", result)
    assert asked(viewed, "session", mine) == "recorded" and counted(viewed)["refused"] == 1
    assert asked(viewed, "account", account(viewed)) == "recorded" and counted(viewed)["refused"] == 2


def test_a_file_counts_the_students_whose_rows_it_changed(viewed: School) -> None:
    viewed.change("""INSERT INTO delivery (digest, sender, signer_id, received_at, signed_at, ended_at, state, counts)
        SELECT 'next', sender, signer_id, received_at, signed_at, now(), 'imported', counts FROM delivery""")
    number = one(viewed, "SELECT max(id) FROM delivery")
    viewed.change("""SELECT ledger_import(%s, ARRAY[%s, %s], ARRAY['{"scores": 2}', '{"marks": 1}']::jsonb[])""", number, viewed.ids["nina"], viewed.ids["leo"])
    assert asked(viewed, "import", number) == "recorded"
    found = counted(viewed)
    assert (students(viewed), found["people"], found["views"]) == (2, 2, 0)
    assert [found["by_data"].get(f"students: {kind}") for kind in ("names", "grades", "attendance", "contacts")] == [2, 1, 1, None]
    assert asked(viewed, "import", number + 1) == "odd"


def test_a_time_that_a_restore_lost_means_everyone(viewed: School) -> None:
    """The views of that time are not in the log."""
    viewed.change("""INSERT INTO restoration (restored_at, snapshot_at, number, missing_notes)
        VALUES (now() - interval '30 minutes', now() - interval '50 minutes', 1, 0)""")
    assert asked(viewed, "account", account(viewed), timedelta(minutes=20)) == "recorded"
    assert students(viewed) == 2
    assert asked(viewed, "account", account(viewed), timedelta(minutes=40)) == "recorded"
    assert counted(viewed)["at_most"] and students(viewed) == one(viewed, "SELECT count(*) FROM person WHERE is_student")


@pytest.mark.parametrize(("name", "everyone"), [("carl", True), ("bo", False)])
def test_before_the_log_had_lists_an_office_could_list_everyone(viewed: School, name: str, *, everyone: bool) -> None:
    viewed.change("UPDATE django_migrations SET applied = now() - interval '30 minutes' WHERE (app, name) = ('access', '0017_lists')")
    viewed.change("INSERT INTO ledger (at, event, xid) OVERRIDING USER VALUE VALUES (now(), 'look', 1)")
    viewed.change("UPDATE ledger SET at = now() - interval '1 year' WHERE id = (SELECT min(id) FROM ledger)")
    assert asked(viewed, "account", account(viewed, name)) == "recorded"
    all_of_them = one(viewed, "SELECT count(*) FROM person WHERE is_student")
    assert (counted(viewed)["by_data"].get("students: names", 0) == all_of_them, counted(viewed)["at_most"]) == (everyone, everyone)
    assert "students: grades" not in counted(viewed)["by_data"] or not everyone


def test_events_stay_while_an_incident_is_open(own_school: School) -> None:
    event(own_school, "bo")
    own_school.change("UPDATE security_event SET at = now() - interval '11 years'")
    which = declare(own_school)
    assert one(own_school, "SELECT events_swept()") == 0
    note(own_school, which, "stage", "closed")
    assert one(own_school, "SELECT events_swept()") > 0


def test_carl_counts_one_session_on_the_page(viewed: School) -> None:
    event(viewed, "bo")
    which = declare(viewed)
    carl = Browser("carl", "staff")
    form = f"{OFFICE}/{which}/record/count"
    page = carl.post(form, {"sign_ins": "yes", "account": str(account(viewed))})
    assert "Bo Larsen, staff account" in page.words and "Firefox on Android, abababab" in page.words
    number = one(viewed, "SELECT max(id) FROM security_event WHERE kind = 'sign in'")
    now = one(viewed, "SELECT now() AT TIME ZONE 'America/Los_Angeles'")
    times = {"since": f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}
    done = carl.post(form, {"account": str(account(viewed)), "sign_in": str(number), "about": "session"} | times)
    assert done.headers["Location"] == f"{OFFICE}/{which}?then=recorded"
    page = carl.open(f"{OFFICE}/{which}")
    assert ["Names", "2", "0", "0"] in page.rows and "Viewed in one session of Bo Larsen (staff account)" in page.part("who")
    assert carl.post(form, {"about": "everyone", "subject": "backup", "why": "A tape is gone."}).headers["Location"].endswith("then=recorded")
    assert "Everyone in the portal: A backup was taken" in carl.open(f"{OFFICE}/{which}").part("who")

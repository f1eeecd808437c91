"""An incident from its declaration: who handles it, what is recorded, and that nothing recorded changes."""

from datetime import timedelta

import pytest
from psycopg import errors

from homeroom.portal.incidents.tests.incidents import OFFICE, account, count, declare, name_suspect, note
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, second, stop
from tests.browser import Browser
from tests.school import School, proof_of

DECLARED = "SELECT count(*) FROM incident WHERE year > 2025"  # without the one in the cast


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat")
    appoint(own_school, "dana", at="middle")
    return own_school


def start_of(school: School) -> object:
    return one(school, "SELECT incident_start(id) FROM incident ORDER BY id DESC LIMIT 1")


def test_carl_declares_one_and_every_administrator_of_the_district_is_notified(office: School) -> None:
    which = declare(office)
    page = Browser("pat", "staff").open(f"{OFFICE}/{which}")
    assert page.status == 200 and "Stolen teacher account" in page.lead and "Bo saw a sign-in" in page.part("diary")
    assert told(office, "pat", "staff")[-1] == "incident declared"


def test_the_same_form_sent_twice_declares_one(office: School) -> None:
    carl = Browser("carl", "staff")
    form = {"which": "6b7e5f4c-4b1e-4c6a-9f1e-1d2c3b4a5968", "title": "A lost laptop", "said": "A bus driver found it", "start": "2026-01-05T08:00"}
    assert carl.post(OFFICE, form).headers["Location"] == f"{OFFICE}/{form['which']}?then=recorded"
    assert carl.post(OFFICE, form).status == 409 and one(office, DECLARED) == 1


def test_numbers_count_up_within_a_year(office: School) -> None:
    declare(office)
    declare(office)
    assert one(office, "SELECT array_agg(number ORDER BY id) FROM incident WHERE year > 2025") == [1, 2]


@pytest.mark.parametrize(
    ("who", "side"), [("dana", "staff"), ("bo", "staff"), ("rosa", "staff"), ("vera", "staff"), ("ana", "family"), ("nina", "student"), ("tia", "family")]
)
def test_no_one_else_finds_the_pages_or_declares_one(office: School, who: str, side: str) -> None:
    which = declare(office)
    for path in (OFFICE, f"{OFFICE}/{which}", f"{OFFICE}/{which}/record/note", f"{OFFICE}/{which}/letter"):
        assert Browser(who, side).open(path).status == 404
    declare(office, who, side=side)
    assert one(office, DECLARED) == 1


def test_a_start_in_the_future_and_an_empty_title_are_refused(office: School) -> None:
    declare(office, ago=-timedelta(hours=1))
    declare(office, title=" ")
    assert one(office, DECLARED) == 0


def test_one_person_moves_the_start_earlier_and_two_move_it_later(office: School) -> None:
    which = declare(office)
    first = start_of(office)
    move, later = "SELECT start_earlier(%s, %s, 'An email of Monday')", "SELECT propose_later_start(%s, %s, 'It was a drill of the IT lead')"
    assert ask(office, "carl", move, [which, first]) == "odd", "not earlier"
    assert ask(office, "carl", move, [which, first - timedelta(days=1)]) == "recorded"  # type: ignore[operator]
    earlier = start_of(office)
    assert ask(office, "carl", later, [which, first]) == "proposed" and start_of(office) == earlier
    assert second(office, "pat") == "carried out" and start_of(office) == first


def test_a_later_start_that_was_stopped_or_is_out_of_date_changes_nothing(office: School) -> None:
    which = declare(office)
    first = start_of(office)
    later = "SELECT propose_later_start(%s, %s, 'A mistake')"
    assert ask(office, "carl", later, [which, first + timedelta(minutes=5)]) == "proposed"  # type: ignore[operator]
    assert stop(office, "pat") == "stopped" and start_of(office) == first
    assert ask(office, "carl", later, [which, first + timedelta(minutes=5)]) == "proposed"  # type: ignore[operator]
    ask(office, "pat", "SELECT start_earlier(%s, %s, 'An email')", [which, first - timedelta(days=1)])  # type: ignore[operator]
    assert second(office, "pat") == "not possible" and start_of(office) == first - timedelta(days=1)  # type: ignore[operator]


def test_a_suspect_loses_the_pages_until_cleared_or_until_the_incident_is_closed(office: School) -> None:
    which = declare(office)
    assert name_suspect(office, which, "pat") == "recorded"
    assert Browser("pat", "staff").open(OFFICE).status == 404 and note(office, which, "note", who="pat") == ""
    assert name_suspect(office, which, "pat", is_cleared=True) == "recorded" and Browser("pat", "staff").open(OFFICE).status == 200
    name_suspect(office, which, "pat")
    note(office, which, "stage", "closed", "")
    assert Browser("pat", "staff").open(OFFICE).status == 200
    note(office, which, "stage", "assess", "")
    assert Browser("pat", "staff").open(OFFICE).status == 404, "opened again"


def test_a_suspect_cannot_confirm_a_later_start(office: School) -> None:
    which = declare(office)
    ask(office, "carl", "SELECT propose_later_start(%s, now(), 'A mistake')", [which])
    name_suspect(office, which, "pat")
    assert second(office, "pat") in ("", "not possible") and one(office, "SELECT count(*) FROM incident_fact WHERE kind = 'started later'") == 0


def test_no_one_names_their_own_account_and_naming_needs_a_fresh_proof(office: School) -> None:
    which = declare(office)
    assert name_suspect(office, which, "carl") == "mine"
    assert name_suspect(office, which, "bo") == "recorded" and name_suspect(office, which, "bo") == "same"
    age_proofs(office)
    assert name_suspect(office, which, "dana") == "again"


def test_only_known_stages_rules_and_times_are_recorded(office: School) -> None:
    which = declare(office)
    assert note(office, which, "stage", "contain", "") == "recorded" and note(office, which, "stage", "contain", "") == "odd"
    assert note(office, which, "stage", "over", "") == note(office, which, "gone") == note(office, which, "note", said=" ") == "odd"
    assert note(office, which, "triggers", "records statute") == "recorded" and note(office, which, "triggers", "statute records") == "odd"
    now, start = one(office, "SELECT now()"), start_of(office)
    assert note(office, which, "done", "leads met", at=now) == "recorded"
    assert note(office, which, "done", "leads met", at=now + timedelta(hours=1)) == "odd", "it hasn't happened yet"
    assert note(office, which, "done", "leads met", at=start - timedelta(minutes=1)) == "odd"  # type: ignore[operator]


@pytest.mark.parametrize("login", ["app", "door", "jobs", "intake"])
@pytest.mark.parametrize("statement", ["UPDATE incident_fact SET words = ''", "DELETE FROM incident_fact", "INSERT INTO incident_fact (kind) VALUES ('note')",
                                       "UPDATE incident SET number = 9", "DELETE FROM breach_letter"])  # fmt: skip
def test_no_login_changes_or_removes_a_fact(office: School, login: str, statement: str) -> None:
    declare(office)
    with office.connect(login) as session, pytest.raises(errors.InsufficientPrivilege):
        session.execute(statement.encode())


def test_every_act_of_the_office_only_adds_facts(office: School) -> None:
    which = declare(office)
    count(office, which)
    before = one(office, "SELECT array_agg(f::text ORDER BY id) FROM incident_fact f")
    note(office, which, "note")
    note(office, which, "stage", "contain", "")
    count(office, which)
    after = one(office, "SELECT array_agg(f::text ORDER BY id) FROM incident_fact f")
    assert after[: len(before)] == before and len(after) == len(before) + 3


def test_the_access_log_has_each_facts_digest_and_none_of_its_words(office: School) -> None:
    which = declare(office)
    note(office, which, "note", said="The password was on a sticky note")
    entries = one(office, "SELECT array_agg(reason ORDER BY id) FROM ledger WHERE event = 'incident fact'")
    digests = one(office, "SELECT array_agg(uuid || ' ' || fact_digest(f) ORDER BY id) FROM incident_fact f WHERE incident_id = (SELECT max(id) FROM incident)")
    assert entries == digests and "sticky" not in str(entries)


def test_an_account_is_found_by_its_persons_name_and_only_by_the_office(office: School) -> None:
    which = declare(office)
    found = Browser("carl", "staff").post(f"{OFFICE}/{which}/record/count", {"name": "Larsen", "find": "yes"})
    assert "Bo Larsen, staff account" in found.words and str(account(office)) in found.text
    assert ask(office, "dana", "SELECT count(*) FROM incident_accounts('Larsen', NULL)") == 0


def test_an_act_waits_for_the_one_before_it(office: School) -> None:
    """Both see the start that is two hours ago. Without the lock, the second one would move it to a later time than the first one did."""
    which, first = declare(office), start_of(office)
    move = "SELECT start_earlier(%s, %s, 'An email')"
    with office.connect("app") as carl, office.connect("app") as pat:
        for session, who in ((carl, "carl"), (pat, "pat")):
            session.execute("SELECT begin_request(%s)", [proof_of(who, "staff")])
        assert carl.execute(move, [which, first - timedelta(days=2)]).fetchone() == ("recorded",)  # type: ignore[operator]
        pat.execute("SET LOCAL lock_timeout = '300ms'")
        with pytest.raises(errors.LockNotAvailable):
            pat.execute(move, [which, first - timedelta(days=1)])  # type: ignore[operator]

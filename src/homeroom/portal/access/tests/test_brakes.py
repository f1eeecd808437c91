"""Brakes on reading by staff: how many people one may view in a rolling hour and day, who is notified, and who lets them go on."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import age_proofs, ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

BRAKE = """SELECT brake(s, %s, 'people', ARRAY(SELECT generate_series(%s::integer, %s))) FROM session s JOIN person p ON p.id = s.person_id
    WHERE p.sourced_id = %s AND s.side = 'staff'"""
RAISE = "SELECT raise_cap(%s, %s, %s)"


def views(school: School, first: int, last: int, who: str = "carl", capacity: str = "administrator") -> int:
    """Views the people with these numbers, as look() does. Returns 0, or the limit that is reached."""
    with school.connect("owner", autocommit=True) as owner:
        owner.execute("INSERT INTO look_count (person_id, hour, is_staff, students) VALUES (%s, date_trunc('hour', clock_timestamp()), true, 0)"
                      " ON CONFLICT DO NOTHING", [school.ids[who]])  # fmt: skip
        (said,) = owner.execute(BRAKE, [capacity, first, last, who]).fetchone() or (None,)
    return int(said or 0)


def value(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        row = owner.execute(statement, values).fetchone()
    return row and row[0]


def notices(school: School, who: str) -> list[str]:
    with school.connect("owner") as owner:
        return [what for (what,) in owner.execute(
            "SELECT n.what FROM account_notice n JOIN account a ON a.id = n.account_id JOIN person p ON p.id = a.person_id WHERE p.sourced_id = %s"
            " AND n.what IN ('half of limit', 'limit reached', 'many viewed', 'viewing released') ORDER BY n.id", [who])]  # fmt: skip


def mails(school: School) -> list[tuple[str, str]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT a.sign_in_name, m.kind FROM account_mail m JOIN account a ON a.id = m.account_id"
                             " WHERE m.kind LIKE '%%limit%%' OR m.kind = 'many viewed' ORDER BY 1, 2").fetchall()  # fmt: skip


def events(school: School) -> list[tuple[str, str]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT result, what FROM security_event WHERE kind = 'cap' ORDER BY id").fetchall()


@pytest.fixture
def office(own_school: School) -> School:
    """Sam is another administrator of the district, and both have a verified email."""
    own_school.change("INSERT INTO administrator (person_id, start_date) VALUES (%s, today() - 1)", own_school.ids["sam"])
    own_school.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'sam.staff')", own_school.ids["sam"])
    own_school.change("INSERT INTO mail_address (account_id, address, language, proven_at) SELECT id, sign_in_name || '@mail.example', 'en', now()"
                      " FROM account WHERE sign_in_name IN ('carl.staff', 'sam.staff')")  # fmt: skip
    own_school.change("UPDATE session SET proven_at = now() - interval '1 minute'")
    return own_school


def test_two_hundred_people_a_day_and_repeats_count_once(office: School) -> None:
    assert views(office, 1, 150) == 0 and views(office, 1, 150) == 0
    assert views(office, 51, 200) == 0
    assert views(office, 201, 201) == -2


def test_the_day_and_the_hour_roll(office: School) -> None:
    """Two limits around a full hour do not add up."""
    assert views(office, 1, 200) == 0
    office.change("UPDATE look_student SET at = now() - interval '61 minutes'")
    office.change("UPDATE look_count SET hour = hour - interval '1 hour'")
    assert views(office, 201, 201) == -2
    office.change("UPDATE look_student SET at = now() - interval '25 hours'")
    assert views(office, 201, 400) == 0


def test_a_usual_day_of_more_has_a_higher_limit_and_no_one_needs_all_of_it_in_an_hour(office: School) -> None:
    office.change("INSERT INTO look_count (person_id, hour, is_staff, students) SELECT %s, date_trunc('hour', now() - make_interval(days => n)), true, 300"
                  " FROM generate_series(1, 9) n", office.ids["carl"])  # fmt: skip
    assert value(office, "SELECT cap_of(%s, 'administrator')", office.ids["carl"]) == 450
    assert views(office, 1, 300) == 0
    assert views(office, 301, 301) == -2, "in one hour"
    office.change("UPDATE look_student SET at = now() - interval '61 minutes'")
    office.change("DELETE FROM brake")
    assert views(office, 301, 450) == 0 and views(office, 451, 451) == -2


def test_four_days_are_no_usual_day(office: School) -> None:
    office.change("INSERT INTO look_count (person_id, hour, is_staff, students) SELECT %s, date_trunc('hour', now() - make_interval(days => n)), true, 900"
                  " FROM generate_series(1, 4) n", office.ids["carl"])  # fmt: skip
    assert value(office, "SELECT cap_of(%s, 'administrator')", office.ids["carl"]) == 200


def test_a_teacher_may_view_twice_the_students_of_the_own_classes(office: School) -> None:
    office.change("INSERT INTO person (uuid, given_name, family_name, is_student, sourced_id) SELECT gen_random_uuid(), 'N', n::text, true, 's' || n"
                  " FROM generate_series(1, 140) n")  # fmt: skip
    office.change("INSERT INTO enrollment (key, section_id, person_id, role, is_primary) SELECT gen_random_uuid(), %s, id, 'student', false FROM person"
                  " WHERE sourced_id ~ '^s[0-9]+$'", office.ids["algebra"])  # fmt: skip
    assert value(office, "SELECT cap_of(%s, 'teacher')", office.ids["bo"]) == 2 * 142


def test_at_half_the_person_and_the_other_administrators_see_a_notice_once_a_day(office: School) -> None:
    assert views(office, 1, 99) == 0 and notices(office, "carl") == []
    assert views(office, 100, 100) == 0 and views(office, 101, 120) == 0
    assert notices(office, "carl") == ["half of limit"] and notices(office, "sam") == ["many viewed"]
    assert mails(office) == [("carl.staff", "many viewed")] and events(office) == [("half", "people")]


def test_the_session_that_viewed_cannot_hide_the_notice(office: School) -> None:
    views(office, 1, 100)
    key = value(office, "SELECT key FROM session WHERE person_id = %s AND side = 'staff'", office.ids["carl"])
    with office.connect("door") as door:
        door.execute("SELECT read_notices(%s)", [key])
    assert value(office, "SELECT count(*) FROM account_notice WHERE what = 'half of limit' AND shown_at IS NULL") == 1


def test_at_the_limit_everyone_who_must_know_is_notified_and_the_access_log_says_so(office: School) -> None:
    office.change("UPDATE district SET it_mail = 'it@lincoln.example'")
    before = value(office, "SELECT count(*) FROM look_student")
    assert views(office, 1, 201) == -2 and views(office, 1, 201) == -2
    assert value(office, "SELECT count(*) FROM look_student") == before, "a refused view counts no one"
    assert notices(office, "carl") == ["limit reached"] and notices(office, "sam") == ["many viewed"]
    assert mails(office) == [("carl.staff", "limit reached"), ("sam.staff", "limit of another")]
    assert value(office, "SELECT count(*) FROM ledger WHERE event = 'viewing limit reached' AND person_id = %s", office.ids["carl"]) == 1
    assert events(office) == [("done", "viewing limit reached")]
    with office.connect("jobs") as jobs:
        rows = jobs.execute("SELECT it_mail, is_locked FROM brakes_to_mail()").fetchall()
        assert rows == [("it@lincoln.example", False)]
        assert jobs.execute("SELECT brake_mailed(%s, false), brake_mailed(%s, false)", [office.ids["carl"]] * 2).fetchone() == (True, False)
        assert jobs.execute("SELECT count(*) FROM brakes_to_mail()").fetchone() == (0,)


def test_a_new_confirmation_lets_the_session_go_on_up_to_twice_the_limit(office: School) -> None:
    views(office, 1, 150)
    assert views(office, 151, 250) == -2
    office.change("UPDATE session SET proven_at = clock_timestamp() WHERE person_id = %s", office.ids["carl"])
    assert views(office, 151, 400) == 0
    assert views(office, 401, 401) == -3, "twice the limit"
    office.change("UPDATE session SET proven_at = clock_timestamp() WHERE person_id = %s", office.ids["carl"])
    assert views(office, 401, 401) == -3, "a confirmation is not enough now"
    assert [what for _result, what in events(office)] == ["people", "viewing limit reached", "viewing locked"]


def test_another_administrator_releases_a_locked_one(office: School) -> None:
    office.change("UPDATE session SET proven_at = clock_timestamp() + interval '1 minute' WHERE person_id = %s", office.ids["carl"])
    views(office, 1, 401)
    assert views(office, 1, 401) == -3
    add_session(office, "sam")
    carl = office.uuid("carl")
    assert ask(office, "sam", RAISE, [carl, 300, "He prints letters"]) == "raised"
    assert views(office, 1, 401) == 0 and "viewing released" in notices(office, "carl")
    office.change("UPDATE cap_raise SET until = now()")
    assert views(office, 402, 402) == -3, "a day later it is over"


def add_session(school: School, who: str) -> None:
    school.change("INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, method, is_strong, proven_at)"
                  " SELECT sha256(%s), a.id, a.person_id, 'staff', '1 hour', now() + interval '1 hour', 'password', true, now()"
                  " FROM account a WHERE a.person_id = %s AND a.side = 'staff'", proof_of(who, "staff"), school.ids[who])  # fmt: skip


@pytest.mark.parametrize(("more", "words", "said"), [(0, "x", "odd"), (5001, "x", "odd"), (None, "x", "odd"), (10, " ", "why"), (10, "x", "raised")])
def test_a_raise_has_a_number_and_a_reason(office: School, more: int | None, words: str, said: str) -> None:
    assert ask(office, "carl", RAISE, [office.uuid("pat"), more, words]) == said


def test_no_one_raises_their_own_limit_or_without_a_new_confirmation_or_an_office(office: School) -> None:
    pat = office.uuid("pat")
    assert ask(office, "carl", RAISE, [office.uuid("carl"), 10, "x"]) == "mine"
    assert [ask(office, who, RAISE, [pat, 10, "x"]) for who in ("bo", "rosa", "vera")] == ["", "", ""]
    assert ask(office, "carl", RAISE, [identity("nobody"), 10, "x"]) == "" and ask(office, "carl", RAISE, [office.uuid("ana"), 10, "x"]) == ""
    age_proofs(office)
    assert ask(office, "carl", RAISE, [pat, 10, "x"]) == "again"


def test_nothing_about_a_family_or_a_student_is_kept(own_school: School) -> None:
    for who, side, act, subject in (("ana", "family", "home", None), ("ana", "family", "child", "nina"), ("nina", "student", "home", None)):
        with own_school.asked_by(who, side, (act, subject or "")):
            pass
    assert value(own_school, "SELECT count(*) FROM look_student") == 0
    assert value(own_school, "SELECT count(*) FROM look_count WHERE is_staff") == 0


def test_eight_views_at_the_same_time_never_pass_the_limit(office: School) -> None:
    office.change("UPDATE district SET caps = '{\"principal\": 100}'")

    def one(number: int) -> int:
        with office.connect("owner", autocommit=True) as owner:
            with owner.transaction():
                owner.execute("INSERT INTO look_count AS c (person_id, hour, is_staff, students) VALUES (%s, date_trunc('hour', clock_timestamp()), true, 0)"
                              " ON CONFLICT (person_id, hour, is_staff) DO UPDATE SET students = c.students", [office.ids["pat"]])  # fmt: skip
                (said,) = owner.execute(BRAKE, ["principal", 1 + 20 * number, 20 + 20 * number, "pat"]).fetchone() or (0,)
            return int(said)

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(one, range(8)))
    assert said.count(0) == 5 and value(office, "SELECT count(*) FROM look_student WHERE person_id = %s", office.ids["pat"]) == 100


# People viewed in an ordinary day, hour by hour: a page of a list shows fifty, a class thirty.
ORDINARY = {
    "teacher": ("bo", [30, 30, 30, 30, 30]), "principal": ("pat", [10, 15, 20, 10, 5]), "duty: attendance": ("rosa", [40, 30, 10]),
    "administrator": ("carl", [20, 15, 10, 15]),
}  # fmt: skip


@pytest.mark.parametrize("capacity", ORDINARY)
def test_an_ordinary_day_alarms_no_one(office: School, capacity: str) -> None:
    """Its people come back through the day. A teacher has 150 students."""
    who, hours = ORDINARY[capacity]
    if who == "bo":
        test_a_teacher_may_view_twice_the_students_of_the_own_classes(office)
        hours = [each - 3 for each in hours]
    first = 1
    for many in hours:
        assert views(office, first, first + many - 1, who, capacity) == 0
        first += many
    assert views(office, 1, first - 1, who, capacity) == 0
    assert value(office, "SELECT count(*) FROM brake") == 0 and events(office) == []


def test_a_page_over_the_limit_asks_who_it_is_and_a_locked_one_says_who_can_help(office: School) -> None:
    views(office, 10_001, 10_200)
    page = Browser("carl", "staff").open(f"/office/ties/{office.uuid('nina')}")
    assert page.status == 429 and "confirm" in page.said and any(link.startswith("/sign-in/again?next=%2Foffice%2Fties") for link in page.links)
    office.change("INSERT INTO look_student (person_id, student_id, at) SELECT %s, n, now() FROM generate_series(10201, 10400) n", office.ids["carl"])
    page = Browser("carl", "staff").open(f"/office/ties/{office.uuid('nina')}")
    assert page.status == 429 and "locked" in page.said
    listed = Browser("carl", "staff").open("/office/limits")
    assert "locked" in listed.said and "Carl Webb" in listed.words, "his own pages of names are not views of students"


def test_an_administrator_raises_a_limit_on_a_page(office: School) -> None:
    browser = Browser("carl", "staff")
    found = browser.post("/office/limits", {"name": "Pat"})
    path = f"/office/limits/new/{office.uuid('pat')}"
    assert path in found.links
    assert browser.post(path, {"more": "many", "why": "x"}).status == 422
    assert browser.post(path, {"more": "1,000", "why": "Letters"}).headers["Location"] == "/office/limits?then=raised"
    page = browser.open("/office/limits?then=raised")
    assert "raised" in page.said and "Pat Quill" in page.words
    assert value(office, "SELECT cap_of(%s, 'principal')", office.ids["pat"]) == 1200


def test_the_session_ends_at_the_limit_if_the_district_chose_so(office: School) -> None:
    ended = "SELECT ended_at IS NOT NULL FROM session WHERE person_id = %s AND side = 'staff' ORDER BY created_at LIMIT 1"
    assert views(office, 1, 201) == -2 and not value(office, ended, office.ids["carl"])
    office.change("DELETE FROM brake")
    office.change("UPDATE district SET cap_ends_session = true")
    assert views(office, 1, 201) == -4 and value(office, ended, office.ids["carl"])
    office.change("UPDATE session SET ended_at = NULL, proven_at = clock_timestamp() WHERE person_id = %s", office.ids["carl"])
    assert views(office, 1, 201) == 0, "a new sign-in is a confirmation"


def test_the_page_says_that_the_person_was_signed_out(office: School) -> None:
    office.change("UPDATE district SET cap_ends_session = true")
    views(office, 10_001, 10_200)
    page = Browser("carl", "staff").open(f"/office/ties/{office.uuid('nina')}")
    assert page.status == 429 and "ended" in page.said
    assert Browser("carl", "staff").open("/office/codes").headers["Location"].startswith("/sign-in")


def test_the_pages_limit_is_the_one_of_the_role_that_viewed(office: School) -> None:
    office.change("""UPDATE district SET caps = '{"administrator": 40}'""")
    assert views(office, 1, 20) == 0
    office.change("UPDATE session SET proven_at = now() + interval '1 day'")
    assert "Limit: 40" in Browser("carl", "staff").open("/office/limits").words

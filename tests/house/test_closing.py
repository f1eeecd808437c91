"""Views close again: after 30 seconds, or right away if their reason is gone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.house.at_psql import claim_of, look_of, psql, scores_of
from tests.school import School, proof_of, scores_read

HALF_A_MINUTE = "interval '30 seconds'"
ANA, BO, PAT = (
    ("ana", "family", "child", "nina"),
    ("bo", "staff", "gradebook", "algebra"),
    ("pat", "staff", "child", "nina"),
)


def read(school: School, person: str, side: str, entry: str = "NULL") -> str:
    """Returns how many scores this person reads now, in a request that names this view."""
    return psql(school, f"BEGIN; SELECT {claim_of(person, side, entry)} IS NULL; {scores_of(school)} COMMIT;").splitlines()[-1]


def opened(school: School, person: str, side: str, act: str, subject: str) -> str:
    """Makes and commits a view that shows scores, and returns its number."""
    entry = psql(school, f"SELECT {look_of(person, side, act, subject, school)};")
    assert int(entry) > 0
    assert int(read(school, person, side, entry)) > 0
    return entry


def assert_closed(school: School, person: str, side: str, entry: str) -> None:
    assert read(school, person, side, entry) == "0", "open by its number"
    assert read(school, person, side) == "0", "open without a number"


@pytest.mark.parametrize("look", [ANA, BO, PAT])
def test_a_view_is_over_after_half_a_minute(own_school: School, look: tuple[str, str, str, str]) -> None:
    entry = opened(own_school, *look)
    own_school.change(f"UPDATE opening SET until = until - {HALF_A_MINUTE}")
    assert_closed(own_school, *look[:2], entry)


def test_a_view_is_open_for_half_a_minute_after_it_was_recorded(own_school: School) -> None:
    opened(own_school, *ANA)
    with own_school.connect("owner") as owner:
        spans = owner.execute("SELECT o.until - l.at FROM opening o JOIN ledger l ON l.id = o.entry_id").fetchall()
    assert [span.total_seconds() for (span,) in spans] == [30]


TIE = "UPDATE tie SET {} WHERE adult_id = (SELECT id FROM person WHERE sourced_id = 'ana')"
PERSON = "(SELECT id FROM person WHERE sourced_id = '{}')"
BAR = """INSERT INTO restriction (uuid, person_id, student_id, effect, basis, start_date, paper_kept_at)
    SELECT gen_random_uuid(), a.id, c.id, 'no access', 'court order', '2020-01-01', '' FROM person a, person c
    WHERE a.sourced_id = '{}' AND c.sourced_id = 'nina'"""


@pytest.mark.parametrize(
    "change",
    [
        TIE.format("state = 'suspended'"),
        TIE.format("state = 'ended'"),
        TIE.format("end_date = start_date + 1"),
        TIE.format("start_date = start_date + 365"),
        TIE.format("view_kinds = '{attendance}'"),
        BAR.format("ana"),
        f"UPDATE session SET ended_at = now() WHERE person_id = {PERSON.format('ana')}",
        f"UPDATE session SET expires_at = now() WHERE person_id = {PERSON.format('ana')}",
        f"UPDATE session SET last_seen_at = now() - idle_limit WHERE person_id = {PERSON.format('ana')}",
        f"UPDATE account SET is_active = false WHERE person_id = {PERSON.format('ana')}",
        "UPDATE credential SET password = 'another' WHERE account_id = "
        f"(SELECT id FROM account WHERE person_id = {PERSON.format('ana')})",
    ],
)
def test_a_view_that_ana_opened_closes_right_away(own_school: School, change: str) -> None:
    entry = opened(own_school, *ANA)
    own_school.change(change)
    assert_closed(own_school, "ana", "family", entry)


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("change", [TIE.format("state = 'suspended'"), BAR.format("ana")])
def test_a_view_that_was_running_when_the_access_ended_opens_nothing(
    own_school: School, change: str, level: str
) -> None:
    """No one can find the view before it is committed. Committed later, it must not open what ended in the meantime."""
    with own_school.connect("app") as app:
        app.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        (entry,) = app.execute(f"SELECT {look_of(*ANA, own_school)}").fetchone() or (0,)
        own_school.change(change)
        app.commit()
    assert (entry > 0) == (level == "READ COMMITTED"), "on another level nobody asks"
    assert_closed(own_school, "ana", "family", str(entry))


@pytest.mark.parametrize("table", ["result", "line_item", "enrollment", "person"])
def test_a_call_that_waits_for_a_table_while_access_closes_answers_nothing(own_school: School, table: str) -> None:
    """The tie ends in the transaction that locks the table, so the call goes on at the moment when access closes."""
    entry = opened(own_school, *ANA)
    with own_school.connect("app") as app, own_school.connect("owner") as holder, ThreadPoolExecutor(1) as pool:
        app.execute("SELECT set_config('homeroom.proof', %s, true), set_config('homeroom.look', %s, true)", [proof_of("ana", "family").hex(), entry])
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        waiting = pool.submit(scores_read, app, "nina")
        while not holder.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]).fetchone():
            assert not waiting.done()
        holder.execute(TIE.format("state = 'suspended'"))
        holder.commit()
        assert waiting.result() == 0


def test_a_change_to_access_before_a_view_does_not_affect_the_view(own_school: School) -> None:
    """This is also true while a long import holds every snapshot's xmin back."""
    with own_school.connect("intake") as intake:
        intake.execute("SELECT images_begin(max(id)) FROM delivery")
        intake.execute("UPDATE term SET title = title")
        own_school.change(TIE.format("state = 'under challenge'"))
        entry = opened(own_school, *ANA)
        own_school.change(
            "UPDATE tie SET state = 'ended' WHERE adult_id = (SELECT id FROM person WHERE sourced_id = 'dee')"
        )
        assert read(own_school, "ana", "family", entry) == "4"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE duty SET end_date = start_date + 1",
        "DELETE FROM duty",
        "UPDATE duty SET duty = 'registrar'",
        "UPDATE duty SET school_id = (SELECT id FROM school WHERE sourced_id = 'elementary')",
    ],
)
def test_a_view_that_pat_opened_closes_with_the_duty(own_school: School, change: str) -> None:
    entry = opened(own_school, *PAT)
    own_school.change(change)
    assert_closed(own_school, "pat", "staff", entry)
    assert psql(own_school, f"SELECT {look_of(*PAT, own_school)};") == "0", "and no new look opens it"


@pytest.mark.parametrize("dates", ["end_date = today()", "start_date = today() + 1"])
def test_a_duty_outside_its_days_opens_nothing_though_its_holder_is_still_signed_in(own_school: School, dates: str) -> None:
    """Only the date changes at midnight. No row changes, and the session continues until the jobs process ends it."""
    look = f"SELECT {look_of(*PAT, own_school)};"
    assert psql(own_school, look) != "0"
    own_school.change(f"ALTER TABLE duty DISABLE TRIGGER USER; UPDATE duty SET {dates}; ALTER TABLE duty ENABLE TRIGGER USER")
    assert psql(own_school, look) == "0"


def test_a_restriction_closes_the_class_for_the_restricted_teacher_and_hides_the_child(own_school: School) -> None:
    """It applies to every role. Bo may no longer read Nina in his own class, or find her in its list."""
    before = opened(own_school, *BO)
    own_school.change(BAR.format("bo"))
    assert read(own_school, "bo", "staff", before) == "0"
    entry = opened(own_school, *BO)
    assert read(own_school, "bo", "staff", entry) == "2", "Max's two scores, not Nina's"
    claimed = f"BEGIN; SELECT {claim_of('bo', 'staff', entry)} IS NULL;"
    names = psql(own_school, f"{claimed} SELECT given_name FROM class_students_shown(timezone('PST8PDT', now())::date) ORDER BY 1;")
    assert names.splitlines() == ["f", "Max"]
    assert psql(own_school, f"{claimed} SELECT students FROM classes_i_teach(timezone('PST8PDT', now())::date);").splitlines() == ["f", "1"]


@pytest.mark.parametrize("state", ["requested", "suspended", "ended"])
def test_only_an_approved_or_challenged_tie_gives_access(own_school: School, state: str) -> None:
    own_school.change(TIE.format(f"state = '{state}'"))
    assert psql(own_school, f"SELECT {look_of(*ANA, own_school)};") == "0"
    own_school.change("UPDATE account SET is_active = true WHERE person_id = %s", own_school.ids["ana"])  # closed when the last tie ended
    own_school.change("UPDATE session SET ended_at = NULL WHERE person_id = %s", own_school.ids["ana"])
    own_school.change(TIE.format("state = 'under challenge'"))
    assert psql(own_school, f"SELECT {look_of(*ANA, own_school)};") != "0"


@pytest.mark.parametrize(
    ("first", "last", "is_open"),
    [("-1", "+1", True), ("+0", "NULL", True), ("+1", "NULL", False), ("-9", "+0", False), ("-9", "-1", False)],
)
def test_access_is_open_from_its_first_day_to_the_day_before_its_last_day(
    own_school: School, first: str, last: str, is_open: bool
) -> None:
    """The days are the district's, and not UTC days."""
    end = f"today() {last}" if last != "NULL" else "NULL"
    own_school.change(TIE.format(f"start_date = today() {first}, end_date = {end}"))
    assert (psql(own_school, f"SELECT {look_of(*ANA, own_school)};") != "0") is is_open


@pytest.mark.parametrize(
    "change",
    [
        "role = 'aide'",
        "role = 'student'",
        "ended_at = now()",
        "begin_date = today() + 1",
        "end_date = today()",
    ],
)
def test_teaching_that_ended_or_is_no_teaching_opens_no_class(own_school: School, change: str) -> None:
    opened(own_school, *BO)
    own_school.change(f"UPDATE enrollment SET {change} WHERE person_id = {PERSON.format('bo')}")
    assert psql(own_school, f"SELECT {look_of(*BO, own_school)};") == "0"


def test_a_teacher_ended_by_the_file_cannot_open_a_class(own_school: School) -> None:
    own_school.change("UPDATE person SET ended_at = now() WHERE sourced_id = 'bo'")
    assert psql(own_school, f"SELECT {look_of(*BO, own_school)};") == "0"


@pytest.mark.parametrize("change", ["ended_at = now()", "expires_at = now()", "last_seen_at = now() - idle_limit"])
def test_a_session_that_is_over_begins_no_request(own_school: School, change: str) -> None:
    begins = f"SELECT {claim_of('ana', 'family')} IS NOT NULL;"
    assert psql(own_school, begins) == "t"
    own_school.change(f"UPDATE session SET {change} WHERE person_id = {PERSON.format('ana')}")
    assert psql(own_school, begins) == "f"


def test_over_the_cap_nothing_opens_and_nothing_is_in_the_ledger(own_school: School) -> None:
    own_school.change("""UPDATE district SET caps = '{"family": 3}'""")
    look = f"SELECT {look_of('ana', 'family', 'home', '', own_school)};"  # two children per view
    assert int(psql(own_school, look)) > 0
    own_school.change("TRUNCATE opening")
    assert psql(own_school, look) == "-1"
    assert read(own_school, "ana", "family") == "0"
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger").fetchone() == (1,)


def test_the_cap_counts_a_persons_views_over_all_sessions_and_signing_in_again_does_not_reset_it(
    own_school: School,
) -> None:
    own_school.change("""UPDATE district SET caps = '{"family": 1}'""")
    look = f"SELECT {look_of('dana', 'family', 'child', 'kai', own_school)};"
    assert int(psql(own_school, look)) > 0
    with own_school.connect("owner") as owner:  # another session of hers, under the same cookie
        owner.execute("UPDATE session SET key = sha256(key), ended_at = now() WHERE person_id = %s AND side = 'family'", [own_school.ids["dana"]])
        owner.execute(
            "INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, method, is_strong)"
            " SELECT sha256(%s), id, person_id, side, '1 hour', now() + interval '1 hour', 'password', false FROM account WHERE sign_in_name = 'dana.family'",
            [proof_of("dana", "family")],
        )
    assert psql(own_school, look) == "-1"


def test_an_undone_view_does_not_give_its_count_back_to_a_reader(own_school: School) -> None:
    """The count is rolled back with the view, but then no record was open, either."""
    own_school.change("""UPDATE district SET caps = '{"family": 1}'""")
    look = look_of(*ANA, own_school)
    psql(own_school, f"BEGIN; SELECT {look}; ROLLBACK;")
    assert read(own_school, "ana", "family") == "0"
    assert int(psql(own_school, f"SELECT {look};")) > 0
    assert psql(own_school, f"SELECT {look};") == "-1"

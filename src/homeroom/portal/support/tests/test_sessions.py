"""A supporter's session needs a passkey and a running grant, is read-only, and ends with the grant."""

import hashlib
import re
from pathlib import Path

import psycopg
import pytest

import homeroom.portal
from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.support.tests.supported import ALL_READS, add, asked, counts, grant, look, proof, sign_in
from tests.cast import identity
from tests.house.test_app_functions import MAY_CALL
from tests.school import School, names_read, proof_of, scores_read

OVER = "UPDATE support_grant SET began_at = began_at - interval '4 hours', until = now() - interval '1 second'"
TABLES = ("supporter", "support_grant", "support_session", "support_opening")


@pytest.fixture
def let_in(own_school: School) -> School:
    """Sol is signed in, with a grant for Nina."""
    appoint(own_school, "pat")
    grant(own_school, "nina")
    assert sign_in(own_school)
    return own_school


def is_shut(school: School, number: int | None = 1) -> bool:
    with asked(school, number) as app:
        return not any(counts(app, ALL_READS).values()) and app.execute("SELECT asking_support()").fetchone() == (None,)


def test_a_supporter_signs_in_by_a_grant_that_runs_and_by_nothing_else(own_school: School) -> None:
    appoint(own_school, "pat")
    add(own_school)
    assert not sign_in(own_school)
    grant(own_school, "nina", supporter=add(own_school, "Kim Vo", b"kim's passkey"))
    assert not sign_in(own_school) and not sign_in(own_school, passkey=b"nobody's passkey")
    assert sign_in(own_school, passkey=b"kim's passkey") and not is_shut(own_school)


def test_a_grant_used_after_its_end_opens_nothing(let_in: School) -> None:
    assert not is_shut(let_in)
    let_in.change(OVER)
    assert is_shut(let_in) and not sign_in(let_in)


def test_a_supporter_finds_each_class_of_the_student_once_and_none_before_it_begins(let_in: School) -> None:
    """Nina is also an aide of Algebra 1. She dropped English 7 and comes back tomorrow."""
    seat = """INSERT INTO enrollment (key, section_id, person_id, role, begin_date)
        SELECT gen_random_uuid(), section_id, person_id, %s, today() + %s::integer FROM enrollment WHERE key = %s"""
    let_in.change(seat, "aide", 0, identity("algebra/nina"))
    with asked(let_in, 1) as app:
        assert counts(app)["support_classes()"] == 2
    let_in.change("UPDATE enrollment SET ended_at = now() WHERE key = %s", identity("english/nina"))
    let_in.change(seat, "student", 1, identity("english/nina"))
    with asked(let_in, 1) as app:
        assert counts(app)["support_classes()"] == 1


def test_a_grant_whose_time_runs_out_in_mid_request_closes_the_page(let_in: School) -> None:
    """The transaction's now() is before the end, but the clock is after it."""
    with asked(let_in, 1) as app:
        assert all(counts(app, ALL_READS).values())
        let_in.change("UPDATE support_grant SET until = clock_timestamp() + interval '20 milliseconds'")
        app.execute("SELECT pg_sleep(0.1)")
        assert not any(counts(app, ALL_READS).values())


def test_a_token_of_a_session_that_ended_opens_nothing(let_in: School) -> None:
    with let_in.connect("door") as door:
        door.execute("SELECT end_support_session(%s)", [hashlib.sha256(proof()).digest()])
    assert is_shut(let_in)


def test_signing_in_again_ends_the_session_before(let_in: School) -> None:
    assert sign_in(let_in, token="another browser")
    assert is_shut(let_in)
    with asked(let_in, 1, "another browser") as app:
        assert all(counts(app).values())


def test_neither_a_sign_in_nor_a_page_touches_the_session_of_another_supporter_or_one_that_ended(let_in: School) -> None:
    grant(let_in, "nina", supporter=add(let_in, "Kim Vo", b"kim's passkey"))
    let_in.change("INSERT INTO support_session (key, grant_id, ended_at) SELECT 'over', max(id), '2025-01-01' FROM support_grant")
    assert sign_in(let_in, passkey=b"kim's passkey", token="kim's browser")
    let_in.change("UPDATE support_session SET last_seen_at = now() - interval '9 minutes'")
    with asked(let_in, token="kim's browser") as app:
        app.commit()
    with let_in.connect("owner") as owner:
        left = owner.execute("SELECT ended_at::date::text, last_seen_at > now() - interval '1 minute' FROM support_session ORDER BY began_at").fetchall()
    assert left == [(None, False), ("2025-01-01", False), (None, True)]


def test_an_hour_without_a_page_ends_the_session(let_in: School) -> None:
    let_in.change("UPDATE support_session SET last_seen_at = now() - interval '61 minutes'")
    assert is_shut(let_in)


def test_a_supporter_the_operator_ended_loses_access_right_away(let_in: School) -> None:
    with asked(let_in, 1) as app:
        assert all(counts(app).values())
        let_in.change("SELECT end_supporter(uuid) FROM supporter")
        assert not any(counts(app, ALL_READS).values())
    assert not sign_in(let_in)


def test_a_passkey_that_was_copied_opens_nothing(own_school: School) -> None:
    appoint(own_school, "pat")
    grant(own_school, "nina")
    assert [sign_in(own_school, count=count, token=f"at {place}") for place, count in enumerate((2, 2, 1, 0, 3))] == [True, False, False, False, True]


def test_the_stolen_login_of_the_web_process_reads_nothing_without_a_session(let_in: School) -> None:
    """Also not with an administrator's token, the session's own key, or the hash that the table holds."""
    key = hashlib.sha256(proof()).digest()
    with let_in.connect("app", autocommit=True) as app:
        for claimed in (b"", proof_of("carl", "staff"), proof("guess"), key):
            assert app.execute("SELECT support_look(%s, 1)", [claimed]).fetchone() == (0,)
            app.execute("BEGIN")
            assert app.execute("SELECT begin_support(%s)", [claimed]).fetchone() == (None,)
            assert not any(counts(app, ALL_READS).values())
            app.execute("ROLLBACK")
        for table in TABLES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"SELECT * FROM {table}")
        for call in ("add_supporter('x', 'y')", "student_in_support()", "end_supporter(gen_random_uuid())", "begin_support_session('x', 0, sha256('x'))",
                     "students_of_support('{}')", "names_of_support('{1}')"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"SELECT {call}")


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_support_has_no_session_in_another_isolation_level(let_in: School, level: str) -> None:
    with let_in.connect("app") as app:
        app.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        app.execute("SELECT begin_support(%s, NULL)", [proof()])
        assert app.execute("SELECT asking_support()").fetchone() == (None,)


def test_no_other_page_recognizes_a_supporter(let_in: School) -> None:
    """No reading function answers, no view opens, and begin_request() finds no one."""
    with let_in.connect("app") as app:
        for act, subject in (("home", None), ("child", "nina"), ("gradebook", "algebra"), ("changes", "changes/nina"), ("same person", "question")):
            about = let_in.uuid(subject) if subject else None
            assert app.execute("SELECT look(%s, %s, %s)", [proof(), act, about]).fetchone() == (0,)
        app.commit()
        entry = look(app, 1)
        app.commit()
        assert app.execute("SELECT begin_request(%s, %s)", [proof(), entry]).fetchone() == (None,)
        assert names_read(app) == set() and scores_read(app) == 0
        for nothing in ("attendance_codes_shown()", "news_shown(NULL, 9)", "deliveries_shown(NULL, NULL, 9)",
                        "classes_i_teach(timezone('PST8PDT', now())::date)"):  # fmt: skip
            assert app.execute(f"SELECT count(*) FROM {nothing}").fetchone() == (0,)


WRITES = {
    "write_decision(1, 'undo', '', '{}', '{}')": False, "set_attendance_codes('[]')": False, "set_unread_columns('[]')": False, "begin_upload()": None,
    "set_tolerances('{}', '{}')": False,
    "propose_administrator({bo}, NULL, 'x')": "", "end_administrator({carl}, NULL, 'x')": "",
    "give_duty({bo}, {middle}, 'registrar', timezone('PST8PDT', now())::date, NULL, 'x')": "",
    "end_duty({duty}, 'x')": "", "give_substitution({bo}, ARRAY[{algebra}], timezone('PST8PDT', now())::date, timezone('PST8PDT', now())::date, 'x')": "",
    "end_substitution({substitution}, 'x')": "",
    "second_proposal({nina}, '', '')": "", "stop_proposal({nina}, 'x')": "", "propose_support({nina}, 1, '{}', 'x')": "", "end_support({nina}, 'x')": "",
    "propose_opening({nina}, 'x')": "", "raise_cap({bo}, 10, 'x')": "", "count_names('{1}')": 0,
    "propose_answer({question}, 'new person')": "", "confirm_answer({question}, 'same person')": "", "withdraw_answer({question})": "",
    "undo_merge({merge})": "",
    "print_code({nina}, 'student', 'password', sha256('x'), 'known')": None, "print_cards({algebra}, ARRAY[{nina}], ARRAY[sha256('x')])": 0,
    "end_cards({algebra}, ARRAY[{nina}])": 0,
    "ask_for_child('{}')": "", "withdraw_registration({asked})": False, "answer_registration({asked}, 'approved', {nina}, 'known', '{}')": "",
    "approve_exact(ARRAY[{asked}])": 0,
    "print_letters(ARRAY[{nina}], ARRAY[sha256('x')], 'post')": None,
    "begin_challenge({nina}, {tie/jo/nina}, 'stranger', '')": "",
    "write_about_my_challenge({challenge}, 'x')": "", "write_about_my_check({tie/jo/nina}, 'x')": "",
    "write_in_challenge({challenge}, 'challenger', 'x')": "", "decide_challenge({challenge}, 'ended', '', 'x')": "", "give_leave({challenge})": "",
    "ask_for_student('{}')": "", "withdraw_tutor_request({wanted})": False, "give_consent({nina}, {wanted}, '{attendance}', 'x')": "",
    "decline_tutor({nina}, {wanted})": "", "end_tutor({nina}, {tie/tia/nina})": "", "answer_tutor({applied}, 'approved', 'known')": "",
    "end_tutor_by_office({tie/tia/nina})": "",
    "ask_for_inspection({nina}, '')": "", "withdraw_inspection({nina})": "", "answer_inspection({inspection}, 'opened', 9)": "",
    "ask_for_correction({nina}, 'other', NULL, 'x', 'misleading', 'x')": "", "withdraw_correction({correction})": "",
    "sign_consent({nina}, '{grades}', 'x', 'x', timezone('PST8PDT', now())::date + 9, 'x')": "", "end_consent({nina}, {nina})": "",
    "opt_out({nina}, 'name')": "", "take_back_opt_out({nina}, 'name')": "",
    "ask_for_hearing({correction})": "", "add_statement({correction}, 'x')": "",
    "set_hearing({correction}, timezone('PST8PDT', now())::date, 'x')": "",
    "answer_correction({correction}, 'refused', '', 'x', '')": "", "finish_correction({correction})": "",
    "declare_incident({nina}, 'x', 'x', now())": "", "note_incident({incident}, 'note', '', 'x', NULL)": "", "start_earlier({incident}, now(), 'x')": "",
    "propose_later_start({incident}, now(), 'x')": "", "hold_notices({incident}, 'x', NULL)": "", "end_hold({incident}, 'x')": "",
    "name_suspect({incident}, {nina}, false, 'x')": "", "count_affected({incident}, 'everyone', 'login', '', NULL, NULL, 'x')": "",
    "set_count_aside({incident}, {nina}, 'x')": "", "draft_letter({incident}, 'first notice', '{}')": "",
    "propose_letters({incident}, 'first notice', 'x')": "", "review_incident({incident}, 'x')": "",
    "choose_notifier({incident}, true, 'x')": "", "print_breach_letters({incident}, 'paper')": "", "batch_mailed({incident}, {nina}, now(), 'x')": "",
    "letter_given({incident}, {nina}, now(), 'x')": "", "letter_came_back({incident}, {nina}, 'x')": "",
    "propose_letter_way({incident}, {nina}, 'hand', 'x')": "", "open_breach_letters()": "",
    "contain({incident}, 'close', 'x', 'x')": "",
    "set_grade_categories('{Term Grade}', '{}')": "",
    "change_setting('registering', 'approve first', 'closed')": "", "preview_setting('registering', 'closed')": None,
    "lift_suspension_by_age({tie/jo/nina}, 'court', '', NULL)": "", "(record_dependence('record', ARRAY['nina'], 'tax return', NULL)).word": "",
    "set_tie({nina}, {bo}, 'foster caregiver', '{}')": "", "change_tie({nina}, {tie/jo/nina}, '{}')": "", "end_tie({nina}, {tie/jo/nina})": "",
    "set_tie_confidential({nina}, {tie/jo/nina}, true)": "", "bar({nina}, {bo}, '{}')": "", "bar_longer({nina}, {nina}, NULL)": "",
    "propose_lifting({nina}, {nina}, 'x')": "", "keep_contact({nina}, {nina})": "", "part_contact({nina}, {nina})": "",
    "join_contact({nina}, {nina}, {nina})": "", "propose_contact_shown({nina}, {nina}, 'x')": "",
    "close_to_parents({nina}, 'safety', 'x')": "", "propose_opening_to_parents({nina}, 'x')": "",
    "propose_withholding({nina}, 1, 'safety', timezone('PST8PDT', now())::date + 1, 'x')": "",
    "confirm_birth_date({nina}, 'record')": "", "paper_printed('{1}')": 0, "agree_at_18({tie/jo/nina})": "", "end_agreement({tie/jo/nina})": "",
    "publish_news('{\"school\": \"\"}')": "", "take_down_news({fair})": "",
    "mask_student({nina}, 'Robin', 'Vale', 'threat', timezone('PST8PDT', now())::date, NULL)": "", "propose_unmasking({masking}, 'x')": "",
}  # fmt: skip
# Acts whose only effect is that the access log says what was viewed.
VIEWING = "begin_request begin_support look support_look who_can_see"
ROOMS = Path(homeroom.portal.__path__[0])


def test_a_supporter_writes_nothing_by_any_function(let_in: School) -> None:
    """Every function that writes is in a file of acts (tests/house/test_floors.py)."""
    acts = {name for file in ROOMS.rglob("acts*.sql") for name in re.findall(r"CREATE FUNCTION (\w+)", file.read_text())}
    callable_by_app = {call.partition("(")[0] for call in MAY_CALL["app"].split()}
    assert acts & callable_by_app == {call.lstrip("(").partition("(")[0] for call in WRITES} | set(VIEWING.split())
    with asked(let_in, 1) as app:
        for call, refused in WRITES.items():
            for word in ("bo", "carl", "middle", "duty", "algebra", "substitution", "nina", "question", "merge", "asked", "challenge", "tie/jo/nina",
                         "wanted", "applied", "inspection", "correction", "incident", "masking", "fair", "tie/tia/nina"):
                call = call.replace("{" + word + "}", f"'{let_in.uuid(word)}'::uuid")
            assert app.execute(f"SELECT {call}").fetchone() == (refused,), call


def test_an_enrolment_code_works_once_and_not_after_three_weeks(own_school: School) -> None:
    code, late = (hashlib.sha256(word).digest() for word in (b"code", b"late"))
    own_school.change("SELECT add_supporter('Sol Park', %s), add_supporter('Kim Vo', %s)", code, late)
    own_school.change("UPDATE supporter SET code_until = now() WHERE name = 'Kim Vo'")
    with own_school.connect("door", autocommit=True) as door:
        tries = [door.execute("SELECT register_supporter(%s, %s, 'public', 0)", words).fetchone() for words in ((code, b"1"), (code, b"2"), (late, b"3"))]
        assert tries == [(True,), (False,), (False,)]
        assert door.execute("SELECT name FROM supporter_of_code(%s)", [late]).fetchone() is None


def test_a_registering_supporter_does_not_wait_for_another_supporter(own_school: School) -> None:
    code = hashlib.sha256(b"code").digest()
    own_school.change("SELECT add_supporter('Sol Park', %s)", code)
    with own_school.connect("owner") as other, own_school.connect("door") as door:
        other.execute("SELECT FROM supporter WHERE name = 'Ray Stone' FOR UPDATE")
        door.execute("SET lock_timeout = '200ms'")
        assert door.execute("SELECT register_supporter(%s, '1', 'public', 0)", [code]).fetchone() == (True,)


def test_the_door_alone_cannot_let_support_in(own_school: School) -> None:
    """The door's login can begin a session only while a grant runs. It grants nothing and can't see any records."""
    add(own_school)
    assert not sign_in(own_school)
    with own_school.connect("door", autocommit=True) as door:
        for statement in (*(f"SELECT * FROM {table}" for table in TABLES), "SELECT support_look('x', 1)", "SELECT * FROM support_work()",
                          "SELECT propose('support', NULL, NULL, '{}', '')", "SELECT add_supporter('x', 'y')"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute(statement)


def test_jobs_sweep_what_is_over_and_keep_the_grant(let_in: School) -> None:
    with asked(let_in, 1):
        pass
    let_in.change("UPDATE support_opening SET until = now() - interval '1 second'")
    let_in.change("UPDATE support_grant SET began_at = began_at - interval '31 days', until = until - interval '31 days'")
    with let_in.connect("jobs") as jobs:
        assert jobs.execute("SELECT support_swept()").fetchone() == (1,)
    with let_in.connect("owner") as owner:
        left = [owner.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
    assert left == [(2,), (1,), (0,), (0,)]  # the cast has a supporter, too

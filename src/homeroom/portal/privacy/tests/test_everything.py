"""Everything that is kept about a student is on one page, for the family and for the student, or there is a reason why not."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PATH = f"/children/{identity('nina')}/everything"
INVENTORY: dict[str, Any] = tomllib.loads((Path(__file__).parents[5] / "docs" / "data-inventory.toml").read_text())
for _names in ("levels", "everywhere", "nothing-personal"):
    INVENTORY.pop(_names)

NINA, ANA = "(SELECT id FROM person WHERE sourced_id = 'nina')", "(SELECT id FROM person WHERE sourced_id = 'ana')"
OF_NINA = {"person": f"id = {NINA}"}
OF_NINA |= dict.fromkeys(("demographic", "contact_detail", "enrollment", "role"), f"person_id = {NINA}")
OF_NINA |= dict.fromkeys(("contact", "registration", "inspection", "correction", "directory_opt_out"), f"student_id = {NINA} AND person_id = {ANA}")
OF_NINA |= dict.fromkeys(("majority", "dependence"), f"student_id = {NINA}")

# Columns whose values the page shows, each with a value for the test and what the page then says.
SHOWN = {
    "person.given_name": ("Max", "Max"),  # a title names no student of the cast, and tests/browser.py knows only those
    "person.middle_name": ("Canary-Two", "Canary-Two"),
    "person.family_name": ("Canary-Three", "Canary-Three"),
    "person.grade_levels": ("{C4}", "C4"),
    "demographic.birth_date": ("2012-01-19", "Jan 19, 2012"),
    "contact_detail.email": ("canary@five.example", "canary@five.example"),
    "contact_detail.phone": ("555 0106", "555 0106"),
    "contact_detail.sms": ("555 0107", "555 0107"),
    "contact.name": ("Canary Eight", "Canary Eight"),
    "contact.relationship": ("canary nine", "canary nine"),
    "contact.kind": ("canary ten", "canary ten"),
    "contact.phone": ("555 0111", "555 0111"),
    "contact.phone_kind": ("canary twelve", "canary twelve"),
    "contact.email": ("canary@thirteen.example", "canary@thirteen.example"),
    "role.begin_date": ("2019-02-14", "Feb 14, 2019"),
    "role.end_date": ("2031-02-15", "Feb 15, 2031"),
    "enrollment.begin_date": ("2019-03-16", "Mar 16, 2019"),
    "enrollment.end_date": ("2031-03-17", "Mar 17, 2031"),
    "registration.child_given_name": ("Canary-Eighteen", "Canary-Eighteen"),
    "registration.child_family_name": ("Canary-Nineteen", "Canary-Nineteen"),
    "registration.child_birth_date": ("2012-04-20", "Apr 20, 2012"),
    "registration.relation": ("guardian", "guardian"),
    "registration.phone": ("555 0122", "555 0122"),
    "registration.asked_at": ("2020-05-23 12:00-07", "May 23, 2020"),
    "registration.answered_at": ("2020-05-24 12:00-07", "May 24, 2020"),
    "inspection.asked_at": ("2020-06-25 12:00-07", "Jun 25, 2020"),
    "inspection.asked_for": ("canary twenty-six", "canary twenty-six"),
    "inspection.open_until": ("2031-06-26", "Jun 26, 2031"),
    "correction.about": ("grade level", "Grade level"),
    "correction.ground": ("misleading", "It misleads."),
    "correction.heard": ("canary thirty-eight", "canary thirty-eight"),
    "correction.called": ("canary thirty-two", "canary thirty-two"),
    "correction.day": ("2020-08-13", "Aug 13, 2020"),
    "correction.value_was": ("canary thirty-three", "canary thirty-three"),
    "correction.value_wanted": ("canary thirty-four", "canary thirty-four"),
    "correction.why": ("canary thirty-five", "canary thirty-five"),
    "correction.asked_at": ("2020-08-07 12:00-07", "Aug 7, 2020"),
    "correction.answered_at": ("2020-08-08 12:00-07", "Aug 8, 2020"),
    "correction.answer": ("canary thirty-six", "canary thirty-six"),
    "correction.value_agreed": ("canary thirty-seven", "canary thirty-seven"),
    "correction.hearing_asked_at": ("2020-08-10 12:00-07", "Aug 10, 2020"),
    "correction.hearing_on": ("2020-08-11", "Aug 11, 2020"),
    "correction.hearing_place": ("canary thirty-nine", "canary thirty-nine"),
    "correction.hearing_said": ("canary forty", "canary forty"),
    "correction.statement": ("canary forty-one", "canary forty-one"),
    "correction.statement_at": ("2020-08-14 12:00-07", "Aug 14, 2020"),
    "correction.corrected_at": ("2020-08-09 12:00-07", "Aug 9, 2020"),
    "directory_opt_out.category": ("attendance dates", "Dates of attendance"),
    "directory_opt_out.asked_at": ("2020-08-15 12:00-07", "Aug 15, 2020"),
    "directory_opt_out.ended_at": ("2020-08-16 12:00-07", "Aug 16, 2020"),
    "signed_consent.records": ("{attendance,name}", "Attendance, Name"),
    "signed_consent.purpose": ("canary forty-two", "canary forty-two"),
    "signed_consent.recipient": ("canary forty-three", "canary forty-three"),
    "signed_consent.last_day": ("2031-08-17", "Aug 17, 2031"),
    "signed_consent.signature": ("Canary Forty-Four", "Canary Forty-Four"),
    "signed_consent.signed_at": ("2020-08-18 12:00-07", "Aug 18, 2020"),
    "signed_consent.ended_at": ("2030-08-19 12:00-07", "Aug 19, 2030"),
    "tutor_consent.organization": ("Canary Twenty-Seven", "Canary Twenty-Seven"),
    "tutor_consent.kinds": ("{attendance}", "attendance"),
    "tutor_consent.purpose": ("canary twenty-eight", "canary twenty-eight"),
    "tutor_consent.last_day": ("2031-07-29", "Jul 29, 2031"),
    "tutor_consent.signature": ("Canary Thirty", "Canary Thirty"),
    "tutor_consent.signed_at": ("2020-07-31 12:00-07", "Jul 31, 2020"),
    "tutor_consent.ended_at": ("2030-08-01 12:00-07", "Aug 1, 2030"),
    "majority.effective_on": ("2030-08-02", "Aug 2, 2030"),
    "majority.announced_at": ("2020-08-03 12:00-07", "Aug 3, 2020"),
    "dependence.basis": ("tax return", "A tax return that names the student was shown"),
    "dependence.until": ("2031-08-04", "Aug 4, 2031"),
    "dependence.recorded_at": ("2020-08-05 12:00-07", "Aug 5, 2020"),
    "dependence.ended_at": ("2020-08-06 12:00-07", "Aug 6, 2020"),
}
OTHER_PAGES = "another page of the family shows it, and this page leads there"
OF_THE_OFFICE = "how an office worked on it: a family learns the answer, and the access log says who gave it"
OF_ACCOUNTS = "about an account and not about the record: its own page is the account page"
OF_SIGN_IN = "a hash or a key that no one can read, or a trace of signing in: the account page names devices and sign-in methods"
OF_ADULTS = "about another adult, who sees it on pages of their own"
OF_STAFF = "about staff of the school or the district"
OF_LOGS = "a copy or a count of the access log, which has its own page"
OF_FILES = "how a file was read, or what it would change: families have no part in it"
OF_MACHINES = "only keeps rows together"
# Tables and columns that the page leaves out, each with the reason.
EXCEPTIONS = {
    **dict.fromkeys(("result", "result_change", "result_score_scale", "attendance_mark", "ledger", "ledger_student", "tie", "withheld_entry"), OTHER_PAGES),
    **dict.fromkeys(("masking", "age_agreement", "age_effect", "news_item", "tutor_request", "tutor_application", "challenge_message"), OTHER_PAGES),
    **dict.fromkeys(("erased_student", "hold", "closed_to_parents", "former_id", "merge", "merged_row", "proposal", "paper_notice"), OF_THE_OFFICE),
    **dict.fromkeys(("incident", "incident_fact"), OF_THE_OFFICE), "breach_letter": OTHER_PAGES,
    **dict.fromkeys(("account", "account_notice", "mail_address", "account_mail", "account_end"), OF_ACCOUNTS),
    **dict.fromkeys(("credential", "session", "code", "card", "known_browser", "sign_in_try", "wrong_password", "sign_in_step", "passkey"), OF_SIGN_IN),
    **dict.fromkeys(("authenticator", "recovery_code", "letter_try", "contact_code", "support_session", "security_event"), OF_SIGN_IN),
    **dict.fromkeys(("restriction", "challenge", "contact_join"), OF_ADULTS),
    **dict.fromkeys(("duty", "administrator", "board_second", "substitution", "cap_raise", "brake", "supporter", "support_grant"), OF_STAFF),
    **dict.fromkeys(("view_day", "look_count", "look_student", "opening", "closing", "support_opening"), OF_LOGS),
    **dict.fromkeys(("restoration", "restoration_line", "narrowing"), "what a restore did: the access log names it"),
    **dict.fromkeys(("row_image", "signer", "upload", "decision", "question", "answer", "change", "change_detail", "delivery"), OF_FILES),
    **dict.fromkeys(("person.preferred_given_name", "person.preferred_family_name"), "off as delivered: a student may have told only the school"),
    **dict.fromkeys(("person.is_student", "person.is_staff", "person.is_enabled", "role.role", "enrollment.role"), OF_MACHINES),
    **dict.fromkeys(("role.school_id", "enrollment.section_id"), "shown as the name of the school or the class"),
    **dict.fromkeys(("role.is_primary", "enrollment.is_primary", "contact.sis_id", "contact.is_confidential"), OF_THE_OFFICE),
    **dict.fromkeys((f"registration.{name}" for name in ("school_id", "office_id", "state", "matched_at", "is_exact", "contact_code_id")), OF_THE_OFFICE),
    **dict.fromkeys((f"registration.{name}" for name in ("evidence", "answered_by_id")), OF_THE_OFFICE),
    **dict.fromkeys(("inspection.state", "inspection.answered_at", "inspection.answered_by_id"), OF_THE_OFFICE),
    **dict.fromkeys((f"correction.{name}" for name in ("state", "answered_by_id", "hearing_noted_by_id", "hearing_done_at")), OF_THE_OFFICE),
    **dict.fromkeys(("signed_consent.student_id", "signed_consent.consenter_id", "signed_consent.ended_by_id"), OF_MACHINES),
    **dict.fromkeys(("directory_opt_out.person_id", "directory_opt_out.student_id", "directory_opt_out.ended_by_id"), OF_MACHINES),
    **dict.fromkeys(("correction.person_id", "correction.student_id", "correction.of_row"), OF_MACHINES),
    **dict.fromkeys((f"majority.{name}" for name in ("of_birth_date", "applied_at", "held_at", "confirmed_by_id", "confirmed_at")), OF_THE_OFFICE),
    **dict.fromkeys(("dependence.recorded_by_id", "dependence.ended_by_id"), OF_THE_OFFICE),
    **dict.fromkeys((f"tutor_consent.{name}" for name in ("tie_id", "request_id", "consenter_id", "consenter_tie_id", "ended_by_id")), OF_MACHINES),
    **dict.fromkeys((f"{table}.person_id" for table in ("demographic", "contact_detail", "contact", "role", "enrollment")), OF_MACHINES),
    **dict.fromkeys(("registration.person_id", "inspection.person_id"), OF_MACHINES),
    **dict.fromkeys((f"{table}.student_id" for table in ("contact", "registration", "inspection", "majority", "dependence")), OF_MACHINES),
}
ROWS = f"""
    UPDATE registration SET student_id = {NINA} WHERE person_id = {ANA};
    INSERT INTO registration (uuid, person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, student_id)
      SELECT gen_random_uuid(), {ANA}, s.id, s.id, 'Nina', 'Ruiz', '2013-01-01', 'mother', {NINA} FROM school s WHERE sourced_id = 'middle';
    INSERT INTO inspection (uuid, student_id, person_id, state, answered_at, answered_by_id, open_until)
      VALUES (gen_random_uuid(), {NINA}, {ANA}, 'opened', now(), {ANA}, today());
    INSERT INTO correction (uuid, student_id, person_id, about, value_wanted, ground, why, state, answered_by_id, statement, statement_at)
      VALUES (gen_random_uuid(), {NINA}, {ANA}, 'other', 'x', 'inaccurate', 'x', 'refused', {ANA}, 'x', now());
    INSERT INTO directory_opt_out (student_id, person_id, category) VALUES ({NINA}, {ANA}, 'name');
    INSERT INTO contact_detail (person_id) SELECT {NINA} WHERE NOT EXISTS (SELECT FROM contact_detail WHERE person_id = {NINA});
    INSERT INTO demographic (person_id, birth_date) SELECT {NINA}, '2013-01-01' WHERE NOT EXISTS (SELECT FROM demographic WHERE person_id = {NINA});
    INSERT INTO dependence (student_id, basis, recorded_by_id) VALUES ({NINA}, 'parent statement', {ANA});
    INSERT INTO contact (sourced_id, student_id, person_id, name) SELECT 'c/ana', {NINA}, {ANA}, 'Ana'
      WHERE NOT EXISTS (SELECT FROM contact WHERE student_id = {NINA} AND person_id = {ANA})"""
# A change of the birth date takes the row away, so it comes after that.
BIRTHDAY = f"INSERT INTO majority (student_id, of_birth_date, effective_on) VALUES ({NINA}, '2013-01-01', '2031-01-01') ON CONFLICT DO NOTHING"
# A signed consent never changes, so it is made with its values.
CONSENT = f"""WITH asked AS (INSERT INTO tutor_request (uuid, person_id, school_id, child_given_name, child_family_name, child_birth_date, kinds,
        purpose, last_day, state, student_id, answered_at)
      SELECT gen_random_uuid(), t.adult_id, s.id, 'Nina', 'Ruiz', '2013-01-01', ARRAY['attendance'], 'Help', today() + 9, 'consented', t.student_id, now()
      FROM tie t, school s WHERE t.kind = 'tutor' AND t.student_id = {NINA} AND s.sourced_id = 'middle' RETURNING id, student_id)
    INSERT INTO tutor_consent (request_id, tie_id, consenter_id, {{columns}})
    SELECT a.id, t.id, {ANA}, {{values}} FROM asked a JOIN tie t ON t.student_id = a.student_id AND t.kind = 'tutor'"""

SIGNED = f"INSERT INTO signed_consent (student_id, consenter_id, {{columns}}) VALUES ({NINA}, {ANA}, {{values}})"


def columns() -> set[str]:
    return {f"{table}.{column}" for table, entry in INVENTORY.items() for column in entry["columns"]}


def test_every_column_about_people_is_on_the_page_or_has_a_reason() -> None:
    excepted = {column for column in columns() if column in EXCEPTIONS or column.partition(".")[0] in EXCEPTIONS}
    assert columns() - excepted - set(SHOWN) == set()
    assert excepted & set(SHOWN) == set()
    assert {name for name in EXCEPTIONS if name not in INVENTORY and name not in columns()} == set()
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


@pytest.fixture
def filled(own_school: School) -> School:
    """Each column in SHOWN of the rows about Nina, and about her mother with her, has its own value."""
    consent, signed = ({name.partition(".")[2]: value for name, (value, _) in SHOWN.items() if name.startswith(f"{table}.")}
                       for table in ("tutor_consent", "signed_consent"))  # fmt: skip
    with own_school.connect("owner") as owner:
        owner.execute(ROWS)
        owner.execute(CONSENT.format(columns=", ".join(consent), values=", ".join(f"'{value}'" for value in consent.values())))
        owner.execute(SIGNED.format(columns=", ".join(signed), values=", ".join(f"'{value}'" for value in signed.values())))
        for name, (value, _) in SHOWN.items():
            table, _, column = name.partition(".")
            owner.execute(BIRTHDAY)
            update = f"UPDATE {table} SET {column} = %s WHERE {OF_NINA.get(table)}"
            assert table in ("tutor_consent", "signed_consent") or owner.execute(update, [value]).rowcount, name
    return own_school


def test_each_value_is_on_the_page_of_her_mother(filled: School) -> None:
    page = Browser("ana").open(PATH)
    assert page.status == 200
    assert {name for name, (_, said) in SHOWN.items() if said not in page.words} == set()


def test_the_student_sees_the_same_and_nothing_that_is_only_her_mothers(filled: School) -> None:
    page = Browser("nina", "student").open(PATH)
    hidden = {name for name, (_, said) in SHOWN.items() if said not in page.words}
    assert hidden >= {"contact.phone", "contact.email", "registration.phone", "tutor_consent.signature", "signed_consent.signature"}
    tables = {"contact", "registration", "inspection", "correction", "tutor_consent", "signed_consent"}
    assert {name.partition(".")[0] for name in hidden} == tables


def test_others_get_the_answer_of_a_page_that_there_is_not(own_school: School) -> None:
    for person, side in (("dee", "family"), ("jo", "family"), ("tia", "family"), ("max", "student"), ("bo", "staff"), ("carl", "staff"), ("pat", "staff")):
        assert Browser(person, side).open(PATH).status == 404, person


def test_the_view_is_in_the_access_log_in_its_own_words(own_school: School) -> None:
    Browser("ana").open(PATH)
    assert "viewed everything that is kept about Nina." in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words


def test_another_view_of_the_record_opens_none_of_it(own_school: School) -> None:
    """The access log would say less than what was read."""
    for act in ("who has looked", "who can see", "child"):
        with own_school.asked_by("ana", "family", (act, "nina")) as app:
            assert app.execute("SELECT count(*) FROM everything_shown(%s)", [identity("nina")]).fetchone() == (0,)
    with own_school.asked_by("ana", "family", ("everything kept", "nina")) as app:
        assert app.execute("SELECT count(*) > 5 FROM everything_shown(%s)", [identity("nina")]).fetchone() == (True,)
        assert app.execute("SELECT count(*) FROM everything_shown(%s)", [identity("leo")]).fetchone() == (0,)


def test_an_adult_who_sees_no_grades_sees_no_classes(own_school: School) -> None:
    before = Browser("ana").open(PATH).words
    with own_school.connect("owner") as owner:
        owner.execute(f"UPDATE tie SET view_kinds = '{{attendance,ledger}}' WHERE adult_id = {ANA} AND student_id = {NINA}")
    after = Browser("ana").open(PATH).words
    assert "Algebra 1" in before and "See grades" in before and "Art 7" not in before, "next term's class is not there yet"
    assert "Algebra 1" not in after and "See grades" not in after and "See attendance" in after

"""Lists that an office reads are views: recorded and committed first, counted, one page at a time, with one line a day in each student's log."""

from typing import Any

import pytest

from homeroom.portal.audit.lines import kind_of
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

CONTACTS = "SELECT coalesce(jsonb_agg(DISTINCT child), '[]') FROM contacts_for_letters(%s)"
LINES = """SELECT l.act, s.kinds FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
    WHERE s.student_id = %s AND l.event = 'look' AND l.person_id = %s"""


@pytest.fixture
def office(own_school: School) -> School:
    """Mia is a contact of Nina and Kai, and may get letters."""
    for child in ("nina", "kai"):
        own_school.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
            SELECT %s, %s, %s, 'Mia Ruiz', 'mother', '', max(id) FROM delivery""", identity(f"letter {child}"), child, own_school.ids[child])  # fmt: skip
    return own_school


def lists(school: School, act: str, subject: str | None, words: str = "", *, keep: bool = True, after: int | None = None, who: str = "carl") -> int:
    """Records the view of a list."""
    with school.connect("app") as app:
        about = school.uuid(subject) if subject else None
        (entry,) = app.execute("SELECT look(%s, %s, %s, NULL, %s, %s)", [proof_of(who, "staff"), act, about, words, after]).fetchone() or (0,)
        app.commit() if keep else app.rollback()
    return int(entry)


def reads(school: School, entry: int | None, statement: str, *values: Any) -> Any:
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("carl", "staff"), entry])
        found = (app.execute(statement, values).fetchone() or (None,))[0]
        app.rollback()
    return found


def of_middle(school: School, entry: int | None) -> set[str]:
    return set(reads(school, entry, CONTACTS, school.uuid("middle")))


def lines_of(school: School, student: str) -> list[Any]:
    with school.connect("owner") as owner:
        return owner.execute(LINES, [school.ids[student], school.ids["carl"]]).fetchall()


def test_a_proof_and_a_rollback_read_no_contact(office: School) -> None:
    assert of_middle(office, None) == set()
    assert of_middle(office, lists(office, "letters", "middle", keep=False)) == set()
    with office.connect("app") as app:  # in one transaction with its own view
        (entry,) = app.execute("SELECT look(%s, 'letters', %s)", [proof_of("carl", "staff"), office.uuid("middle")]).fetchone() or (0,)
        app.execute("SELECT begin_request(%s, %s)", [proof_of("carl", "staff"), entry])
        assert entry > 0 and app.execute(CONTACTS, [office.uuid("middle")]).fetchone() == ([],)
        app.rollback()
    assert lines_of(office, "nina") == []
    assert "Nina Ruiz" in of_middle(office, lists(office, "letters", "middle"))


def test_the_family_reads_one_line_a_day_however_often_the_list_is_read(office: School) -> None:
    for _ in range(3):
        assert lists(office, "letters", "middle") > 0
    assert lines_of(office, "nina") == [("letters", ["contact names"])]
    page = Browser("ana").open(f"/children/{office.uuid('nina')}/who-has-looked").words
    assert page.count(kind_of("contact names")) == 1
    assert "contactos para cartas" in Browser("ana", language="es").open(f"/children/{office.uuid('nina')}/who-has-looked").words
    office.change("UPDATE view_day SET day = day - 1")
    lists(office, "letters", "middle")
    assert len(lines_of(office, "nina")) == 2, "and one on the next day"


def test_a_list_opens_only_its_own_students_and_nothing_else_of_them(office: School) -> None:
    entry = lists(office, "letters", "middle", "nin")
    assert of_middle(office, entry) == {"Nina Ruiz"} and lines_of(office, "kai") == []
    both = [identity("letter nina"), identity("letter kai")]
    named = "SELECT jsonb_agg(child) FROM contacts_on_letters(%s)"
    assert reads(office, entry, named, both) is None, "a list does not open what letters say"
    assert reads(office, lists(office, "letter", "middle", f"no-uuid {both[0]}"), named, both) == ["Nina"]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT DISTINCT names || contacts || birth_date || grades FROM opening WHERE act IS NOT NULL").fetchall() == [([],)]


def test_a_hundred_contacts_are_a_page_and_the_next_goes_on_after_them(office: School) -> None:
    office.change("""WITH made AS (INSERT INTO person (uuid, sourced_id, given_name, family_name, is_student, is_staff, grade_levels)
            SELECT gen_random_uuid(), 'many ' || n, 'Many', 'Zz ' || lpad(n::text, 3, '0'), true, false, '{07}' FROM generate_series(1, 130) n
            RETURNING id, sourced_id),
        placed AS (INSERT INTO role (sourced_id, person_id, school_id, role) SELECT sourced_id, id, %s, 'student' FROM made)
        INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
            SELECT gen_random_uuid(), m.sourced_id, m.id, 'Mo', 'mother', '', (SELECT max(d.id) FROM delivery d) FROM made m""",
        office.ids["middle"])  # fmt: skip
    first = lists(office, "letters", "middle", "many")
    number = "SELECT max(number) FROM contacts_for_letters(%s) WHERE has_more"
    after = reads(office, first, number, office.uuid("middle"))
    listed = of_middle(office, first)
    assert len(listed) == 100 and "Many Zz 100" in listed and "Many Zz 101" not in listed
    next_page = lists(office, "letters", "middle", "many", after=after)
    assert len(of_middle(office, next_page)) == 30
    assert lists(office, "letters", "middle", "many", after=after + 30) == 0
    with office.connect("owner") as owner:
        assert owner.execute("SELECT sum(students) FROM look_count").fetchone() == (130,), "all listed are counted"
    office.change("UPDATE district SET caps = '{\"administrator\": 120}'")
    office.change("UPDATE session SET proven_at = now() - interval '1 minute'")
    assert lists(office, "letters", "middle", "many") == -2
    assert Browser("carl", "staff").post("/office/letters", {"school": office.uuid("middle")}).status == 429


NAMES = {"ties": "students_for_ties()", "masked": "students_for_masking()", "support students": "students_for_support()",
         "codes": "people_to_print_for()"}  # fmt: skip


@pytest.mark.parametrize("act", NAMES)
def test_a_search_for_a_student_is_a_view_and_shows_no_one_without_it(office: School, act: str) -> None:
    """The search, whatever its page is, shows only names of the students in the view, and writes one line a day in their log."""
    names, typed = f"SELECT jsonb_agg(DISTINCT name) FROM {NAMES[act]}", "nin"
    assert reads(office, None, names) is None and reads(office, lists(office, act, None, typed, keep=False), names) is None
    assert reads(office, lists(office, act, None, "kai"), names) in (None, ["Kai Okafor"]), "the view of somebody else"
    for _ in range(2):
        assert reads(office, lists(office, act, None, typed), names) == ["Nina Ruiz"]
    assert lines_of(office, "nina") == [(act, ["names"])]


def test_adults_of_a_search_for_codes_are_listed_and_counted_by_the_view(office: School) -> None:
    names = "SELECT jsonb_agg(DISTINCT name) FROM people_to_print_for()"
    assert reads(office, None, names) is None and reads(office, lists(office, "codes", None, "dee", keep=False), names) is None
    assert reads(office, lists(office, "codes", None, "kai"), names) == ["Kai Okafor"] and reads(office, lists(office, "ties", None, "dee"), names) is None
    office.change("DELETE FROM look_count; DELETE FROM look_student")
    assert reads(office, lists(office, "codes", None, "dee"), names) == ["Dee Moss"]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT sum(students) FROM look_count").fetchone() == (1,)


ALL = [("letters", "middle"), ("letter", "middle"), *((act, None) for act in ("papers", "no birth date", *NAMES))]


@pytest.mark.parametrize(("act", "subject"), ALL)
def test_no_one_outside_the_office_views_a_list(office: School, act: str, subject: str | None) -> None:
    office.change("DELETE FROM demographic")
    words = str(identity("letter nina")) if act == "letter" else "nin"
    assert lists(office, act, subject, words) > 0
    assert [lists(office, act, subject, words, who=who) for who in ("bo", "pat", "vera")] == [0, 0, 0]


def test_papers_are_a_list_of_names_in_each_students_log(office: School) -> None:
    names = "SELECT jsonb_agg(addressee) FROM told_on_paper()"
    assert reads(office, None, names) is None and reads(office, lists(office, "papers", None, keep=False), names) is None
    assert reads(office, lists(office, "letters", "middle"), names) is None
    for _ in range(2):
        assert reads(office, lists(office, "papers", None), names) == ["Dee Moss"]
    assert lines_of(office, "max") == [("papers", ["names", "contact names"])]
    page = Browser("dee").open(f"/children/{office.uuid('max')}/who-has-looked").words
    assert kind_of("names") in page and kind_of("contact names") in page and "Prints letters" in page


SEARCHES = {"adults": "adults_found()", "people": "people_to_bar()"}


@pytest.mark.parametrize("act", SEARCHES)
def test_a_search_next_to_a_student_is_a_view_of_that_student(office: School, act: str) -> None:
    """The view is committed first and in the student's log, and everyone found is counted. The page reads the people whom the view found and takes no
    words."""
    names = f"SELECT jsonb_agg(name) FROM {SEARCHES[act]}"
    assert reads(office, None, names) is None and reads(office, lists(office, act, "nina", "dee", keep=False), names) is None
    assert lines_of(office, "nina") == []
    assert reads(office, lists(office, act, "nina"), names) is None
    (other,) = {*SEARCHES} - {act}
    assert reads(office, lists(office, other, "nina", "dee"), names) is None
    office.change("DELETE FROM look_count; DELETE FROM look_student")
    entry = lists(office, act, "nina", "dee")
    assert reads(office, entry, names) == ["Dee Moss"]
    assert reads(office, entry, "SELECT child_kept(%s) ->> 'first_name'", office.uuid("nina")) == "Nina"
    assert lines_of(office, "nina")[-1] == (act, ["contacts"])
    with office.connect("owner") as owner:
        assert owner.execute("SELECT sum(students) FROM look_count").fetchone() == (2,)
    assert [lists(office, act, "nina", "dee", who=who) for who in ("bo", "pat", "rosa", "vera")] == [0, 0, 0, 0]


def test_a_student_found_by_a_search_sees_that_in_their_own_log(office: School) -> None:
    """A restricted person may be a student. The search for adults finds no students."""
    names = "SELECT jsonb_agg(name) FROM people_to_bar()"
    assert reads(office, lists(office, "people", "nina", "moss"), names) == ["Dee Moss", "Gus Moss", "Max Moss"]
    assert lines_of(office, "max") == [("people", ["names"])] and lines_of(office, "nina") == [("people", ["contacts"])]
    assert reads(office, lists(office, "people", "nina", "moss"), "SELECT child_kept(%s)", office.uuid("max")) is None
    assert reads(office, lists(office, "adults", "nina", "moss"), "SELECT jsonb_agg(name) FROM adults_found()") == ["Dee Moss", "Gus Moss"]
    assert kind_of("names") in Browser("dee").open(f"/children/{office.uuid('max')}/who-has-looked").words
    office.change("UPDATE district SET caps = '{\"administrator\": 3}'; UPDATE session SET proven_at = now() - interval '1 minute'")
    assert lists(office, "people", "nina", "moss") == -2, "Nina and three found are four people"


def test_students_without_a_birth_date_are_listed_in_pages(office: School) -> None:
    office.change("DELETE FROM demographic")
    names = "SELECT jsonb_agg(name) FROM without_birth_date()"
    assert reads(office, None, names) is None and reads(office, lists(office, "no birth date", None, keep=False), names) is None
    assert reads(office, lists(office, "papers", None), names) is None
    for _ in range(2):
        assert reads(office, lists(office, "no birth date", None), names) == ["Max Moss", "Kai Okafor", "Leo Ruiz", "Nina Ruiz"]
    assert reads(office, lists(office, "no birth date", None, after=2), names) == ["Leo Ruiz", "Nina Ruiz"]
    assert lines_of(office, "nina") == [("no birth date", ["names"])]


def test_one_student_by_the_uuid_is_read_after_a_view_of_that_student_alone(office: School) -> None:
    """A form names a student whom the office chose: to mask, to print a code for, to show to support."""
    forms = {"masked": "(SELECT name FROM student_for_masking(%s))", "code": "person_to_print_for(%s, 'student')->>'name'",
             "support students": "(SELECT name FROM students_named_for_support(ARRAY[%s::uuid]))"}  # fmt: skip
    nina, kai = office.uuid("nina"), office.uuid("kai")
    for act, name in forms.items():
        assert reads(office, None, f"SELECT {name}", nina) is None, act
        assert reads(office, lists(office, act, None, str(nina), keep=False), f"SELECT {name}", nina) is None, act
        assert reads(office, lists(office, act, None, str(kai)), f"SELECT {name}", nina) is None, act
        assert reads(office, lists(office, act, None, str(nina)), f"SELECT {name}", nina) == "Nina Ruiz", act
        assert lines_of(office, "nina").count((act, ["names"])) == 1


def test_the_students_of_a_change_set_are_a_list(office: School) -> None:
    """A student whom the file would add has no access log yet, and is listed without a view."""
    names = "SELECT jsonb_agg(name ORDER BY place) FROM changes_shown(%s, '', '', false, '', 0, 51)"
    file = office.ids["file"]
    assert reads(office, None, names, file) == ["Ida Novak"]
    assert reads(office, lists(office, "change list", None, f'{{"delivery": {file}}}', keep=False), names, file) == ["Ida Novak"]
    for odd in ("", "nina", "[]", "{}", '{"delivery": "one"}', '{"delivery": 99999999999}', f'{{"delivery": {file}, "school": "elementary"}}'):
        assert lists(office, "change list", None, odd) == 0
    assert lines_of(office, "nina") == []
    for _ in range(2):
        assert reads(office, lists(office, "change list", None, f'{{"delivery": {file}}}'), names, file) == ["Ida Novak", "Nina Ruiz"]
    assert lines_of(office, "nina") == [("change list", ["names"])]
    assert "Nina Ruiz" in Browser("carl", "staff").open(f"/imports/{file}/changes").words


def test_the_number_of_changes_for_a_typed_name_is_given_after_a_view_of_them(office: School) -> None:
    counted, file = "SELECT changes_counted(%s, '', '', false, %s, 9)", office.ids["file"]
    assert reads(office, None, counted, file, "") == 2 and [reads(office, None, counted, file, name) for name in ("nina", "ida")] == [0, 1]
    views = {name: lists(office, "change list", None, f'{{"delivery": {file}, "called": "{name}"}}') for name in ("nina", "kai")}
    assert reads(office, views["nina"], counted, file, "nina") == 1 and views["kai"] == 0
    assert reads(office, lists(office, "letters", "middle"), counted, file, "nina") == 0


LINE = """INSERT INTO change (uuid, delivery_id, place, about, sourced_id, person_id, name, search, marks, counts, schools, stands_out)
    SELECT gen_random_uuid(), %s, %s, 'person', %s, %s, %s, %s, marks, counts, schools, stands_out FROM change WHERE name = 'Nina Ruiz' LIMIT 1"""


def test_a_teachers_line_takes_no_view_and_a_view_of_one_name_counts_no_other(office: School) -> None:
    """Bo and Kai are in the file too. Max is in the file of the day before. Zed is a word of his line and of Nina's line of today."""
    file = office.ids["file"]
    with office.connect("owner") as owner:
        (before,) = owner.execute("""INSERT INTO delivery (digest, sender, signer_id, received_at, signed_at, state, receipt, counts)
            SELECT repeat('1', 64), sender, signer_id, received_at, signed_at, state, receipt, counts FROM delivery WHERE id = %s RETURNING id""",
            [file]).fetchone() or (0,)  # fmt: skip
        owner.execute("UPDATE change SET search = search || ' zed' WHERE name = 'Nina Ruiz'")
        for of, place, who, name in ((file, 3, "bo", "Bo Larsen"), (file, 4, "kai", "Kai Okafor"), (before, 1, "max", "Max Moss zed")):
            owner.execute(LINE, [of, place, who, office.ids[who], name, name.lower()])
    counted, names = "SELECT changes_counted(%s, '', '', false, %s, 9)", "SELECT jsonb_agg(name) FROM changes_shown(%s, '', '', false, '', 0, 51)"
    assert reads(office, None, names, file) == ["Ida Novak", "Bo Larsen"] and reads(office, None, counted, file, "bo") == 1
    nina = lists(office, "change list", None, f'{{"delivery": {file}, "called": "nina"}}')
    assert [reads(office, nina, counted, *asked) for asked in ((file, "nina"), (file, "kai"), (file, "zed"), (before, "zed"))] == [1, 0, 1, 0]


def test_a_restriction_that_begins_at_midnight_closes_the_change_that_was_opened_before(office: School) -> None:
    """No row changes at midnight, so the view itself stays open for its thirty seconds."""
    office.change("""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
        VALUES (gen_random_uuid(), %s, %s, 'court order', today() + 1)""", office.ids["carl"], office.ids["nina"])  # fmt: skip
    shown, entry = "SELECT count(*) FROM change_shown(%s, %s, true)", lists(office, "changes", "changes/nina")
    assert reads(office, entry, shown, office.ids["file"], office.uuid("changes/nina")) == 1
    office.change("ALTER TABLE restriction DISABLE TRIGGER USER")
    office.change("UPDATE restriction SET start_date = today()")
    assert reads(office, entry, shown, office.ids["file"], office.uuid("changes/nina")) == 0


def test_the_office_has_a_list_of_students_with_an_alias(office: School) -> None:
    office.change("""INSERT INTO masking (uuid, student_id, given_name, family_name, basis, start_date, masked_by_id)
        VALUES (gen_random_uuid(), %s, 'Sol', 'Winter', 'threat', '2000-01-01', %s)""", office.ids["nina"], office.ids["carl"])
    names = "SELECT jsonb_agg(name) FROM maskings_shown()"
    assert reads(office, None, names) is None and reads(office, lists(office, "masked", None, keep=False), names) is None
    assert reads(office, lists(office, "masked", None), names) == ["Leo Ruiz", "Nina Ruiz"]  # Leo's alias begins later
    assert lines_of(office, "nina") == [("masked", ["names"])]
    assert "Sol Winter" in Browser("carl", "staff").open("/office/masked").words


def test_restrictions_are_a_list_of_names_in_the_log(office: School) -> None:
    """The family's page doesn't say what a court ordered about an adult, or that there is an order."""
    names = "SELECT jsonb_agg(name) FROM restrictions_shown(NULL)"
    assert reads(office, None, names) is None and reads(office, lists(office, "ties", None, keep=False), names) is None
    assert reads(office, lists(office, "ties", None, "nin"), names) is None
    assert reads(office, lists(office, "ties", None), names) == ["Gus Moss"]
    assert lines_of(office, "max") == [("ties", ["names"])]
    assert kind_of("names") in Browser("dee").open(f"/children/{office.uuid('max')}/who-has-looked").words
    assert "Gus Moss" in Browser("carl", "staff").open("/office/restrictions").words


def test_a_view_of_the_tutors_ties_is_logged_as_a_list_of_names(office: School) -> None:
    child = "SELECT jsonb_agg(child) FROM tutor_ties_shown()"
    assert reads(office, None, child) is None and reads(office, lists(office, "tutor office", None, keep=False), child) is None
    assert lists(office, "tutor office", None, who="pat") == 0
    for _ in range(2):
        assert reads(office, lists(office, "tutor office", None), child) == ["Nina Ruiz"]
    assert lines_of(office, "nina") == [("tutor office", ["names"])]
    page = Browser("carl", "staff").post(f"/office/tutors/ties/{identity('tie/tia/nina')}/end", {})
    assert page.status == 302 and "tutor of Nina Ruiz" not in Browser("carl", "staff").open(page.headers["Location"]).words

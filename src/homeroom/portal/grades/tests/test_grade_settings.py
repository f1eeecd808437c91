"""Carl chooses which categories hold class grades and whether families see estimates. Also what the previews count, and who may not."""

import json
from itertools import combinations
from typing import Any

import psycopg
import pytest

from homeroom.portal.grades.setting_queries import Category
from homeroom.portal.intake.importing import ONE_AT_A_TIME
from homeroom.portal.membership.choices.words import choice_said
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask
from tests.browser import Browser, Page, numbers
from tests.school import School

PLACE = "/settings/grades"
SET = "SELECT set_grade_categories(%s, %s)"
CHOOSE = "SELECT change_setting('estimates', %s, %s)"
NO_GRADE = "The school has not sent a grade for this class."
GRADED = """SELECT count(*) FROM section s WHERE EXISTS (SELECT FROM line_item i JOIN result r ON r.line_item_id = i.id
    WHERE i.section_id = s.id AND i.is_grade)"""
MARKED = "SELECT array_agg(title ORDER BY title) FROM line_item WHERE is_grade"


@pytest.fixture
def unknown(own_school: School) -> School:
    """Lincoln's system names a term's grade “Fall Mark”, and no one has chosen that title."""
    own_school.change("UPDATE category SET title = 'Fall Mark' WHERE title = 'Term Grade'")
    own_school.change("UPDATE line_item SET is_grade = false")
    return own_school


def name(title: str) -> str:
    return Category(title, False, 0, 0).name


def carl(path: str = PLACE, language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def post(path: str, was: list[str], ticked: list[str], who: str = "carl") -> Page:
    values: dict[str, Any] = {"was": [name(title) for title in was], "grade": [name(title) for title in ticked]}
    return Browser(who, "staff").post(f"{PLACE}/{path}", values)


def preview(was: list[str], ticked: list[str]) -> Page:
    return post("categories/preview", was, ticked)


def keep(was: list[str], ticked: list[str]) -> Page:
    return post("categories", was, ticked)


def estimates(path: str, **values: str) -> Page:
    return Browser("carl", "staff").post(f"{PLACE}/estimates{path}", values)


def ninas_page(school: School) -> str:
    return Browser("ana", "family").open(f"/children/{school.uuid('nina')}").words


def one(school: School, statement: str) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode()).fetchone() or (None,))[0]


def boxes(page: Page) -> dict[str, bool]:
    """Maps each title to whether it is ticked."""
    found = {}
    for row in page.find("tr"):
        title = next(("".join(bdi.itertext()) for bdi in row.iter() if bdi.tag.endswith("bdi")), None)
        for box in (each for each in row.iter() if each.get("type") == "checkbox"):
            found[str(title)] = box.get("checked") is not None
    return found


# ── Categories ──
def test_the_page_lists_the_categories_of_the_files_with_how_often_they_are_used(own_school: School) -> None:
    page = carl()
    assert boxes(page) == {"Term Grade": True, "Homework": False}
    assert numbers(page.lead) == ["1"], "one category, and no class without a grade"
    assert page.words.count("3 assignments, 3 classes") == 2


def test_titles_that_no_file_has_are_listed_while_they_are_chosen(own_school: School) -> None:
    own_school.change("UPDATE district SET grade_categories = '{Term Grade,Final Grade}'")
    own_school.change("INSERT INTO category (uuid, sourced_id, title) VALUES (gen_random_uuid(), 'other', 'Unused')")
    assert boxes(carl()) == {"Term Grade": True, "Final Grade": True, "Homework": False}


def test_a_family_reads_the_grade_once_carl_ticks_its_category(unknown: School) -> None:
    assert NO_GRADE in ninas_page(unknown) and numbers(carl().lead) == ["1", "3"]
    assert numbers(carl("/settings").line("Grades")) == ["3"]
    page = preview(["Term Grade"], ["Term Grade", "Fall Mark"])
    assert page.said == {"on Fall Mark", "gain 3", "into grades 3"}
    assert one(unknown, MARKED) is None, "a preview marks nothing"
    assert keep(["Term Grade"], ["Term Grade", "Fall Mark"]).headers["Location"] == f"{PLACE}?then=kept"
    assert NO_GRADE not in ninas_page(unknown) and "B+" in ninas_page(unknown)
    page = carl(f"{PLACE}?then=kept")
    assert numbers(page.lead) == ["2"] and page.said == {"kept"}
    assert "“Fall Mark” checked" in page.line("Carl Webb")


OF_ALGEBRA = "WHERE line_item_id IN (SELECT id FROM line_item WHERE title LIKE 'Algebra %%')"


@pytest.mark.parametrize(
    ("change", "classes"),
    [
        ("UPDATE section SET ended_at = now() WHERE sourced_id = 'algebra'", 2),
        ("UPDATE line_item SET term_id = (SELECT id FROM term WHERE sourced_id = 'spring') WHERE title LIKE 'Algebra %%'", 2),
        (f"UPDATE result SET score = NULL, text_score = 'Meeting' {OF_ALGEBRA}", 2),
        (f"WITH g AS (UPDATE line_item SET is_grade = true WHERE title = 'Algebra grade') UPDATE result SET score = NULL, text_score = 'B' {OF_ALGEBRA}", 2),
        ("""WITH g AS (UPDATE line_item SET is_grade = true WHERE title = 'Algebra grade' RETURNING id)
            UPDATE result SET score = NULL, text_score = NULL WHERE line_item_id IN (SELECT id FROM g)""", 3),
    ],
    ids=["a class that ended", "work of next term", "words alone", "a grade in letters", "a grade that is still empty"],
)  # fmt: skip
def test_a_class_lacks_a_grade_where_it_has_scores_this_term_and_no_grade_with_a_value(unknown: School, change: str, classes: int) -> None:
    unknown.change(change)
    assert one(unknown, "SELECT classes FROM classes_ungraded()") == classes


def test_a_grade_without_its_category_is_an_assignment_again(own_school: School) -> None:
    page = preview(["Term Grade"], [])
    assert page.said == {"off Term Grade", "lose 3", "into work 3"}
    assert keep(["Term Grade"], []).status == 302
    assert NO_GRADE in ninas_page(own_school) and numbers(carl().lead) == ["3"], "no category, and three classes without a grade"


@pytest.mark.parametrize("titles", [list(some) for many in range(3) for some in combinations(["term grade", "HOMEWORK"], many)])
@pytest.mark.parametrize("names_class", [0, 1, 4])
def test_the_preview_counts_what_the_choice_then_does(own_school: School, titles: list[str], names_class: int) -> None:
    own_school.change("UPDATE line_item SET names_class = id IN (SELECT id FROM line_item ORDER BY id LIMIT %s)", names_class)
    own_school.change("SELECT mark_grades()")
    effect = "gain - lose, into_grades - into_work"
    with own_school.connect("owner") as owner:
        graded, marked = f"SELECT ({GRADED}), count(*) FILTER (WHERE is_grade) FROM line_item", "SELECT write_grade_categories(%s, NULL, 'operator')"
        before = owner.execute(graded.encode()).fetchone() or (0, 0)
        said = owner.execute(f"SELECT {effect} FROM categories_effect(%s)".encode(), [titles]).fetchone()
        assert owner.execute(marked, [titles]).fetchone() == ("kept",)
        after = owner.execute(graded.encode()).fetchone() or (0, 0)
        assert said == (after[0] - before[0], after[1] - before[1])
        assert owner.execute("SELECT * FROM categories_effect(%s)", [titles]).fetchone() == (0, 0, 0, 0)


def test_an_assignment_that_a_file_left_out_is_no_grade_of_its_class(own_school: School) -> None:
    """Algebra's grade is gone and its result is still there. Homework would give Algebra a grade that it doesn't have now."""
    own_school.change("UPDATE line_item SET ended_at = now() WHERE title = 'Algebra grade'")
    assert one(own_school, "SELECT gain FROM categories_effect('{Term Grade,Homework}')") == 1


def test_a_grade_that_no_student_has_yet_is_none_for_its_class(unknown: School) -> None:
    unknown.change("UPDATE result SET ended_at = now() WHERE line_item_id IN (SELECT id FROM line_item WHERE title = 'Algebra grade')")
    assert one(unknown, "SELECT gain FROM categories_effect('{Fall Mark}')") == 2


def test_a_change_is_in_the_access_log_with_its_author_and_every_administrator_is_notified(own_school: School) -> None:
    appoint(own_school, "pat")
    keep(["Term Grade"], ["Term Grade", "Homework"])
    with own_school.connect("owner") as owner:
        rows = owner.execute("SELECT person_id, capacity, reason FROM ledger WHERE event = 'setting' AND act = 'grade categories'").fetchall()
    assert [(who, capacity, json.loads(said)) for who, capacity, said in rows] == [
        (own_school.ids["carl"], "administrator", {"was": ["Term Grade"], "now": ["Term Grade", "Homework"]})
    ]
    assert told(own_school, "pat", "staff")[-1] == "setting changed"


def test_the_operators_choice_is_in_the_history(own_school: School) -> None:
    own_school.change("SELECT write_grade_categories('{Homework}', NULL, 'operator')")
    assert "“Homework” checked, “Term Grade” cleared" in carl().line("Homeroom’s operator")


def test_an_administrator_who_changes_nothing_sees_a_notice(own_school: School) -> None:
    for page in (preview(["Term Grade"], ["Term Grade"]), keep(["Term Grade"], ["Term Grade", "No such title"])):
        assert page.status == 422 and page.said == {"untouched"}


def test_the_second_of_two_administrators_sees_a_notice_and_keeps_the_checked_boxes(own_school: School) -> None:
    own_school.change("SELECT write_grade_categories('{Term Grade,Homework}', NULL, 'operator')")
    for page in (preview(["Term Grade"], []), keep(["Term Grade"], [])):
        assert page.status == 409 and page.said == {"taken"}
        assert boxes(page) == {"Term Grade": False, "Homework": False}
    assert ask(own_school, "carl", SET, [["Term Grade"], []]) == "taken", "the database says so too"


def test_during_an_import_it_waits(own_school: School) -> None:
    with own_school.connect("intake") as intake:
        intake.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        page = keep(["Term Grade"], [])
        assert page.status == 409 and page.said == {"busy"}
    assert keep(["Term Grade"], []).status == 302


@pytest.mark.parametrize(
    ("titles", "answer"),
    [
        ([], "kept"), (["Homework"], "kept"), (["Term Grade"], "same"), ([" "], "odd"), ([None], "odd"), (None, "odd"), (["x" * 201], "odd"),
        (["Marks", "MARKS"], "odd"), ([f"title {n}" for n in range(201)], "odd"),
    ],
)  # fmt: skip
def test_the_database_takes_titles_and_nothing_else(own_school: School, titles: list[str | None] | None, answer: str) -> None:
    assert ask(own_school, "carl", SET, [["Term Grade"], titles]) == answer


def test_an_old_proof_changes_nothing(own_school: School) -> None:
    age_proofs(own_school)
    assert ask(own_school, "carl", SET, [["Term Grade"], []]) == "again" == ask(own_school, "carl", CHOOSE, ["false", "true"])


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("rosa", "staff"), ("ana", "family"), ("nina", "student")])
def test_the_settings_page_does_not_exist_for_anyone_but_an_administrator(own_school: School, who: str, side: str) -> None:
    browser = Browser(who, side)
    for path in ("", "/categories", "/categories/preview", "/estimates", "/estimates/preview"):
        assert browser.open(PLACE + path).status == 404
        assert not path or browser.post(PLACE + path, {"was": "false", "becomes": "true"}).status == 404
    assert ask(own_school, who, SET, [["Term Grade"], []], side=side) == ""


def test_an_administrator_of_one_school_reads_it_and_changes_nothing(own_school: School) -> None:
    appoint(own_school, "pat", at="middle")
    page = Browser("pat", "staff").open(PLACE)
    assert page.status == 200 and "Holds grades" in page.words and not boxes(page) and "Preview" not in page.words
    for path in ("categories", "categories/preview"):
        assert post(path, ["Term Grade"], [], who="pat").status == 404
    for path in ("", "/preview"):
        assert Browser("pat", "staff").post(f"{PLACE}/estimates{path}", {"was": "false", "becomes": "true"}).status == 404
    assert ask(own_school, "pat", SET, [["Term Grade"], []]) == ""


# ── Estimates ──
def test_a_family_reads_an_estimate_once_carl_switches_them_on(unknown: School) -> None:
    page = estimates("/preview", becomes="true")
    assert "estimates" in page.said and numbers(page.part("effects"))[0] == "3"
    assert NO_GRADE in ninas_page(unknown), "a preview changes nothing"
    assert estimates("", was="false", becomes="true").headers["Location"] == f"{PLACE}?then=kept"
    assert NO_GRADE not in ninas_page(unknown) and "Estimate" in ninas_page(unknown)
    page = carl(f"{PLACE}?then=kept")
    assert page.said == {"kept"} and f"Carl Webb. Before: {choice_said('estimates', 'false')}." in page.words
    assert "no estimates" in estimates("/preview", becomes="false").said
    assert estimates("", was="true", becomes="false").status == 302 and NO_GRADE in ninas_page(unknown)


def test_no_one_sees_an_estimate_when_the_school_sent_every_grade(own_school: School) -> None:
    assert estimates("/preview", becomes="true").said == {"none"}
    before = ninas_page(own_school)
    estimates("", was="false", becomes="true")
    assert ninas_page(own_school) == before


def test_a_choice_of_estimates_that_is_none_or_too_late_changes_nothing(own_school: School) -> None:
    assert ask(own_school, "carl", CHOOSE, ["false", "false"]) == "same"
    for values, status in ((("false", "perhaps"), 422), (("false", "false"), 422), (("true", "false"), 409)):
        assert estimates("", was=values[0], becomes=values[1]).status == status
    assert [estimates("/preview", becomes=word).status for word in ("perhaps", "false")] == [422, 422]
    assert one(own_school, "SELECT estimates FROM district") is False


def test_neither_setting_lets_anyone_see_more_so_neither_needs_a_second_approval(own_school: School) -> None:
    assert ask(own_school, "carl", CHOOSE, ["false", "true"]) == "kept"
    assert ask(own_school, "carl", "SELECT change_setting('preview', 'false', 'true')") == "kept"
    assert one(own_school, "SELECT count(*) FROM proposal") == 0 and one(own_school, "SELECT count(*) FROM narrowing WHERE kind = 'setting'") == 0


def test_the_page_speaks_spanish(school: School) -> None:
    assert carl(language="es").heading == "Calificaciones"


@pytest.mark.parametrize(("login", "call"), [("intake", "write_grade_categories('{}', NULL, 'operator')"), ("app", "mark_grades()")])
def test_a_login_calls_only_its_own_function(school: School, login: str, call: str) -> None:
    with school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT {call}".encode())

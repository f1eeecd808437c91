"""Ana, Dee, Nina and the others open their first pages, as the login that production uses."""

import logging
import re
from datetime import datetime

import pytest
from django.db import connection
from django.template import VariableDoesNotExist
from django.template.context import BaseContext

from homeroom.portal.attendance.words import nothing_yet
from tests.browser import Browser, Page, numbers, statements
from tests.cast import CANARY, SIDES, identity
from tests.school import School, proof_of


def test_ana_sees_both_her_children_first(school: School) -> None:
    page = Browser("ana").open("/")
    assert "Hello, Ana" in page.words
    assert "Grade 7, Lincoln Middle" in page.words and "Grade 3, Lincoln Elementary" in page.words
    assert "Max" not in page.words


def test_ana_reads_ninas_classes_grades_and_scores(school: School) -> None:
    page = Browser("ana").open(f"/children/{school.uuid('nina')}")
    assert page.status == 200
    for said in ("Algebra 1", "Bo Larsen, period 2", "B+", "9 of 10 90%", "Changed from 7 to 9", "Fall term", "absent all day", CANARY):
        assert said in page.words, said


def test_ninas_page_asks_for_nothing_that_its_objects_do_not_have(school: School, caplog: pytest.LogCaptureFixture) -> None:
    """A template's failed lookup shows nothing, and costs as much as twenty that succeed."""
    with caplog.at_level(logging.DEBUG, "django.template"):
        assert Browser("ana").open(f"/children/{school.uuid('nina')}").status == 200
    failed = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [each.params[0] for each in failed if isinstance(each, VariableDoesNotExist) and not isinstance(each.params[1], BaseContext)] == []


def test_work_of_days_to_come_is_not_there_yet_unless_it_is_scored(own_school: School) -> None:
    path, teacher = f"/children/{own_school.uuid('nina')}", f"/classes/{own_school.uuid('algebra')}?view=grid"
    own_school.change("UPDATE line_item SET assign_date = today() + 9, due_date = today() + 12 WHERE is_grade = false")
    assert "Algebra quiz" in Browser("ana").open(path).words, "there is a score"
    own_school.change("DELETE FROM result_score_scale")
    own_school.change("DELETE FROM result WHERE score = 9")
    assert "Algebra quiz" not in Browser("ana").open(path).words
    assert "Algebra quiz" in Browser("bo", "staff").open(teacher).words, "a teacher plans ahead"
    own_school.change("UPDATE line_item SET assign_date = today() - 1")
    assert "Algebra quiz" in Browser("ana").open(path).words


@pytest.mark.parametrize("first", ["old", "new"])
def test_the_last_scored_of_two_results_for_one_quiz_is_shown_everywhere(own_school: School, first: str) -> None:
    """The first row has the earlier or the later day, and the second row has the other."""
    later = 1 if first == "old" else -1
    quiz, score = identity("algebra quiz/nina"), 3 if first == "old" else 9
    own_school.change("UPDATE result SET score = %s WHERE id = %s", 9 if first == "old" else 3, quiz)
    own_school.change(
        "INSERT INTO result (line_item_id, student_id, score, score_date, status, delivery_id, id, is_missing)"
        " SELECT line_item_id, student_id, %s, score_date + %s::int, status, delivery_id, %s, false FROM result WHERE id = %s",
        score, later, identity("second"), quiz)  # fmt: skip
    own_school.change("DELETE FROM result_change")
    own_school.change("UPDATE session SET previous_visit_at = NULL")
    family = Browser("ana").open(f"/children/{own_school.uuid('nina')}").words
    teacher = Browser("bo", "staff").open(f"/classes/{own_school.uuid('algebra')}?view=student&student={own_school.uuid('nina')}").words
    home = Browser("ana").open("/").words
    assert "3 of 10" in family and "9 of 10" not in family.split("English 7")[0]
    assert "3 of 10" in teacher and "9 of 10" not in teacher
    assert home.count("Algebra 1: Algebra quiz") == 1 and "3 of 10" in home


def test_every_page_counts_the_same_school_days(own_school: School) -> None:
    own_school.change(
        """INSERT INTO attendance_mark (id, student_id, school_id, day, status) SELECT gen_random_uuid(), %s, %s, today() - n, 'present'
           FROM generate_series(0, 360) n""", own_school.ids["nina"], own_school.ids["middle"])  # fmt: skip
    said = {sentence for rest in ("", "/attendance") for sentence in
            re.findall(r"in \d+ school days?", Browser("ana").open(f"/children/{own_school.uuid('nina')}{rest}").words)}  # fmt: skip
    assert len(said) == 1


NOT_ATTENDANCE = "UPDATE delivery SET counts = counts - 'attendance_mark'"


def test_a_child_without_marks_is_not_confused_with_a_district_that_sends_none(own_school: School) -> None:
    path = f"/children/{own_school.uuid('nina')}"
    own_school.change("DELETE FROM attendance_mark WHERE student_id = %s", own_school.ids["nina"])
    for rest in ("", "/attendance"):
        assert nothing_yet(is_sent=True) in Browser("ana").open(path + rest).words
    assert "No absences" in Browser("ana").open("/").words
    own_school.change(NOT_ATTENDANCE)
    for rest in ("", "/attendance"):
        assert nothing_yet(is_sent=False) in Browser("ana").open(path + rest).words
    home = Browser("ana").open("/").words
    assert nothing_yet(is_sent=False) in home and "No absences" not in home


@pytest.mark.parametrize("left_out", ["file", "decision"])
def test_grades_are_as_of_the_last_file_that_brought_scores(own_school: School, left_out: str) -> None:
    """A later file without results, or an approval that left them out, moves only the day of attendance. Missing work still depends on the scores' day."""
    counts = '{"attendance_mark": {}}' if left_out == "file" else '{"attendance_mark": {}, "result": {}}'
    own_school.change("UPDATE delivery SET signed_at = signed_at - interval '3 days'")
    own_school.change(
        "INSERT INTO delivery (digest, sender, signer_id, received_at, signed_at, ended_at, state, counts)"
        " SELECT 'later', sender, signer_id, received_at, signed_at + interval '3 days', ended_at, state, %s FROM delivery", counts)  # fmt: skip
    if left_out == "decision":
        own_school.change("INSERT INTO decision (delivery_id, verdict, by_id, tables, done_at) SELECT max(id), 'approve', %s, '{result}', now() FROM delivery",
                          own_school.ids["carl"])  # fmt: skip
    with own_school.connect("owner") as owner:
        grades, attendance = owner.execute("SELECT min(signed_at), max(signed_at) FROM delivery").fetchall()[0]
    with own_school.asked_by("ana", "family") as app:
        told = app.execute("SELECT begin_request(%s)", [proof_of("ana", "family")]).fetchall()[0][0]
    assert [datetime.fromisoformat(told[name]) for name in ("grades_as_of", "attendance_as_of")] == [grades, attendance]
    page = Browser("ana").open(f"/children/{own_school.uuid('nina')}").words
    assert "Grades as of" in page and "Attendance as of" in page
    own_school.change("UPDATE line_item SET due_date = today() - 2 WHERE NOT is_grade")
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE score = 9")
    assert "1 missing" not in Browser("ana").open(f"/children/{own_school.uuid('nina')}").words, "due after the scores were sent"
    own_school.change("DELETE FROM decision")
    own_school.change("UPDATE delivery SET counts = counts || '{\"result\": {}}'")
    assert "1 missing" in Browser("ana").open(f"/children/{own_school.uuid('nina')}").words


@pytest.mark.parametrize("table", ["result", "attendance_mark"])
def test_an_approval_leaves_a_table_out_of_its_own_file_alone(own_school: School, table: str) -> None:
    own_school.change("INSERT INTO delivery (digest, sender, signer_id, received_at, signed_at, ended_at, state, counts)"
                      " SELECT 'later', sender, signer_id, received_at, signed_at + interval '1 day', ended_at, state, counts FROM delivery")  # fmt: skip
    own_school.change("INSERT INTO decision (delivery_id, verdict, by_id, tables, done_at) SELECT max(id), 'approve', %s, ARRAY[%s], now() FROM delivery",
                      own_school.ids["carl"], table)  # fmt: skip
    assert days_behind(own_school, table) == 1
    for change, days in (("decision SET verdict = 'undo'", 0), (f"delivery SET counts = counts - '{table}' WHERE digest = 'later'", 1)):
        own_school.change(f"UPDATE {change}")
        assert days_behind(own_school, table) == days, "no approval leaves it out; and then the file lacks it"


def days_behind(school: School, table: str) -> int:
    """Returns by how many days the file with this table is older than the file with the other one."""
    with school.asked_by("ana", "family") as app:
        told = app.execute("SELECT begin_request(%s)", [proof_of("ana", "family")]).fetchall()[0][0]
    return (datetime.fromisoformat(told["attendance_as_of"]) - datetime.fromisoformat(told["grades_as_of"])).days * (1 if table == "result" else -1)


def headings(page: Page) -> list[str]:
    """Returns the titles of school news that a page lists."""
    return [link.text or "" for link in page.find("a") if re.match(r"/news/.", link.get("href", ""))]


@pytest.mark.parametrize(("person", "side"), [(who, side) for who, sides in SIDES.items() for side in sides if side != "staff"])
def test_home_shows_everyone_the_newest_of_the_school_news_that_they_may_read(own_school: School, person: str, side: str) -> None:
    own_school.change("UPDATE district SET registering = 'limited first'")
    own_school.change("INSERT INTO news_item (uuid, school_id, audience, title, words, published_at, published_by_id)"
                      " SELECT gen_random_uuid(), school_id, audience, 'Second ' || title, words, now(), published_by_id FROM news_item")  # fmt: skip
    browser = Browser(person, side)
    home, readable = browser.open("/"), headings(browser.open("/news"))
    assert headings(home) == readable[:3] and ("All school news" in home.words) == bool(readable)


def test_a_childs_page_that_is_not_home_has_no_school_news(school: School) -> None:
    assert headings(Browser("ana").open("/")) and "All school news" not in Browser("ana").open(f"/children/{school.uuid('nina')}").words


@pytest.mark.parametrize("waiting", [False, True])
def test_home_shows_school_news_together_with_the_children(own_school: School, *, waiting: bool) -> None:
    """With one child, with several, and while a request for another child waits."""
    if waiting:
        own_school.change("UPDATE registration SET person_id = %s WHERE person_id = %s", own_school.ids["ana"], own_school.ids["lou"])
    ana, dee, nina = Browser("ana").open("/").words, Browser("dee").open("/").words, Browser("nina", "student").open("/").words
    for home, said in ((ana, ("Grade 7, Lincoln Middle", "Leo", "Fair")), (dee, ("Max Moss", "Algebra 1")), (nina, ("Hi, Nina", "Algebra 1"))):
        assert all(words in home for words in ("School news", "Concert", "Holiday", *said)), home


def test_nina_has_no_class_of_next_term_yet(school: School) -> None:
    assert "Art 7" not in Browser("ana").open(f"/children/{school.uuid('nina')}").words


@pytest.mark.parametrize("person", ["dee", "jo", "gus", "dana"])
def test_only_ninas_own_adults_find_her_pages(school: School, person: str) -> None:
    for path in ("", "/attendance"):
        page = Browser(person).open(f"/children/{school.uuid('nina')}{path}")
        assert page.status == 404
        assert "Nina" not in page.text and "Algebra" not in page.text


def test_a_child_out_of_reach_gets_the_same_page_as_a_child_who_does_not_exist(school: School) -> None:
    out_of_reach = Browser("dee").open(f"/children/{school.uuid('nina')}")
    not_there = Browser("dee").open(f"/children/{school.uuid('nobody at all')}")
    assert out_of_reach.text.replace(school.uuid("nina"), "") == not_there.text.replace(
        school.uuid("nobody at all"), ""
    )


def test_dee_with_one_child_lands_on_max(school: School) -> None:
    page = Browser("dee").open("/")
    assert "Max Moss" in page.words and "Everyone" not in page.words


def test_nina_sees_her_own_page_in_the_second_person(school: School) -> None:
    page = Browser("nina", "student").open("/")
    assert "Hi, Nina" in page.words and "Your family" in page.words and "Your classes" in page.words
    assert numbers(page.part("looked")) == ["7"], "days, and no one viewed it in them"


def test_tia_the_tutor_sees_grades_and_nothing_else(school: School) -> None:
    page = Browser("tia").open("/")
    assert "Algebra 1" in page.words
    assert (
        "Attendance" not in page.words.replace("Grades and attendance", "")
        and "Access log" not in page.text.split("<main", 1)[1]
    )
    assert Browser("tia").open(f"/children/{school.uuid('nina')}/attendance").status == 404


def test_nina_reads_her_own_attendance_in_the_second_person(school: School) -> None:
    page = Browser("nina", "student").open(f"/children/{school.uuid('nina')}/attendance").text
    assert "Your attendance" in page and "Nina’s attendance" not in page


def test_no_page_leads_tia_to_who_has_looked(school: School) -> None:
    page = Browser("tia").open("/")
    assert "who-has-looked" not in page.text and "Access log" not in page.words


def test_the_access_log_link_leads_ana_to_the_child_whose_log_she_may_read(own_school: School) -> None:
    """Ana's access to Nina includes only grades. The bar leads to Leo's access log. There and on Leo's attendance, Nina's tab leads to her page."""
    nina, leo = (own_school.uuid(name) for name in ("nina", "leo"))
    own_school.change("UPDATE tie SET view_kinds = '{grades}' WHERE uuid = %s", identity("tie/ana/nina"))
    for path in ("/", f"/children/{nina}", f"/children/{leo}/who-has-looked", f"/children/{leo}/attendance"):
        page = Browser("ana").open(path)
        assert page.status == 200 and f'href="/children/{leo}/who-has-looked"' in page.text
        assert f"{nina}/who-has-looked" not in page.text and f"{nina}/attendance" not in page.text
        assert f'href="/children/{nina}"' in page.text
    assert f'href="/children/{nina}/earlier"' in Browser("ana").open(f"/children/{leo}/earlier").text


def test_jo_sees_a_number_to_call_while_his_access_is_suspended(school: School) -> None:
    page = Browser("jo").open("/")
    assert "Nina" in page.part("checks") and "(555) 010-0130" in page.words


def test_someone_signed_out_is_sent_to_sign_in_and_back(school: School) -> None:
    page = Browser().open(f"/children/{school.uuid('nina')}")
    assert page.status == 302 and page.headers["Location"].startswith("/sign-in?next=")


def test_staff_are_shown_to_their_own_first_page(school: School) -> None:
    assert Browser("bo", "staff").open("/").headers["Location"] == "/classes"
    assert Browser("carl", "staff").open("/").headers["Location"] == "/imports"


def test_a_teachers_text_never_becomes_markup(own_school: School) -> None:
    own_school.change("UPDATE line_item SET title = %s", "<script>alert(1)</script>")
    own_school.change("UPDATE result SET comment = %s, text_score = %s", '"><img src=x onerror=alert(2)>', "<b>A")
    for path in ("/", f"/children/{own_school.uuid('nina')}"):
        page = Browser("ana").open(path)
        assert (
            page.status == 200 and "<script>" not in page.text and "<img" not in page.text and "<b>A" not in page.text
        )


@pytest.mark.parametrize(("who", "path", "most"), [("ana", "/", 6), ("dee", "/", 4), ("ana", "/children/nina", 5), ("ana", "/children/nina/attendance", 5)])
def test_a_page_asks_at_most_six_times(school: School, who: str, path: str, most: int) -> None:
    with statements() as asked:
        Browser(who).open(path.replace("nina", school.uuid("nina")))
    assert 2 <= len(asked) <= most, asked


def test_a_page_is_planned_once_and_not_for_each_child(school: School) -> None:
    for child in ("nina", "leo"):
        assert Browser("ana").open(f"/children/{school.uuid(child)}").status == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 1 AND custom_plans = 0")
        assert cursor.fetchone() >= (2,)


def test_the_language_is_kept_and_the_page_comes_back(school: School) -> None:
    browser = Browser("ana")
    answer = browser.open("/language/es?next=/children")
    assert answer.headers["Location"] == "/children"
    assert browser.open("/").words.startswith("Ir al contenido")


def test_an_absence_is_an_a_on_a_spanish_page(school: School) -> None:
    browser = Browser("ana")
    browser.open("/language/es?next=/")
    for path, absent in ((f"/children/{school.uuid('nina')}", 'letter-absent'), ("/", "row-letter")):
        page = browser.open(path)
        assert re.search(f'class="[^"]*{absent}"[^>]*>A<', page.text), path
        assert not re.search(f'class="[^"]*{absent}"[^>]*>F<', page.text), "F, for faltó, reads as a grade"


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(school: School, back: str) -> None:
    assert Browser().open(f"/language/en?next={back}").headers["Location"] == "/"

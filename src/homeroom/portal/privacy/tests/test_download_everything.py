"""The ZIP of everything that is kept: a page and tables with what the pages show, for the same people, after a new proof."""

import csv
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from homeroom.portal.access.asking import ROWS_AT_A_TIME
from homeroom.portal.audit.tests.test_withheld import looked, propose  # noqa: F401, a fixture
from homeroom.portal.home.tests.test_download import table
from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.tests.acting import age_proofs
from homeroom.portal.membership.ties.tests.keeping import agreed
from homeroom.portal.privacy.tests.test_everything import ANA, NINA, SHOWN, filled  # noqa: F401, a fixture
from tests.browser import Browser, Page, parsed
from tests.cast import CANARY, identity
from tests.school import School

PATH = f"/children/{identity('nina')}/everything/download"
TABLES = ["everything.csv", "grades-and-attendance.csv", "access-log.csv", "people-with-access.csv"]
FORMULA = re.compile(r"[=+\-@]")


def answer(person: str = "ana", side: str = "family", language: str = "en") -> Page:
    return Browser(person, side, language).open(PATH)


def unpacked(person: str = "ana", side: str = "family", language: str = "en") -> dict[str, str]:
    page = answer(person, side, language)
    assert page.status == 200 and page.headers["Content-Type"] == "application/zip" and page.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(page.text.encode("latin-1"))) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode() for name in packed.namelist()}


def rows_in(files: Mapping[str, str], name: str) -> list[list[str]]:
    assert files[name].startswith("\ufeff")
    rows = list(csv.reader(StringIO(files[name].removeprefix("\ufeff"), newline="")))
    assert len({len(row) for row in rows}) == 1
    return rows


def page_in(files: Mapping[str, str]) -> Page:
    return Page(200, files["everything.html"], {}, parsed(files["everything.html"]))


def test_each_value_is_in_the_page_and_in_the_table_of_her_mother(filled: School) -> None:
    files = unpacked()
    assert list(files) == ["everything.html", *TABLES]
    in_table = {row[3] for row in rows_in(files, "everything.csv")}
    assert {name for name, (_, said) in SHOWN.items() if said not in page_in(files).words} == set()
    assert {name for name, (_, said) in SHOWN.items() if not any(said in value for value in in_table)} == set()


def test_the_page_in_the_zip_says_of_each_kind_what_the_page_says(own_school: School) -> None:
    page, kept = page_in(unpacked()), Browser("ana").open(PATH.removesuffix("/download"))
    assert [heading for heading in kept.find("h2") if heading.get("id") not in {inner.get("id") for inner in page.find("h2")}] == []
    for words in ("For good. California makes schools keep it.", "The district’s file.", "Everyone with access, and staff who may view the record."):
        assert page.words.count(words) == kept.words.count(words) > 0
    assert {link for link in page.links if not link.startswith("#")} == set(TABLES)
    assert page.find("html") and page.tree is not None and page.tree.get("lang") == "en" and len(page.find("h1")) == 1
    assert "Nina" in page.heading and "Nina" not in "".join(page.find("title")[0].itertext())
    assert all(cell.get("scope") for cell in page.find("th")) and not page.find("script") and not page.find("img")


def test_the_zip_is_in_the_readers_language(own_school: School) -> None:
    files = unpacked(language="es")
    assert page_in(files).tree.get("lang") == "es" and "Para siempre." in page_in(files).words  # type: ignore[union-attr]
    assert rows_in(files, "access-log.csv")[0][0] == "Día"


def test_the_tables_are_those_of_the_pages(own_school: School) -> None:
    files = unpacked()
    assert rows_in(files, "grades-and-attendance.csv") == table("ana")
    people = {row[1] for row in rows_in(files, "people-with-access.csv")[1:]}
    shown = Browser("ana").open(f"/children/{identity('nina')}/who-can-see").words
    assert len(people) > 4 and all(name in shown for name in people)


def test_the_student_has_the_same_in_her_own_voice_and_nothing_that_is_only_her_mothers(filled: School) -> None:
    files = unpacked("nina", "student")
    assert page_in(files).heading == "Everything that is kept about you" and list(files) == ["everything.html", *TABLES]
    found = "".join(files.values())
    assert "Nina’s own record" not in found and "It is your own record." in found
    for name in ("contact.phone", "contact.email", "registration.phone", "tutor_consent.signature"):
        assert SHOWN[name][1] not in found, name


def test_another_adults_phone_is_in_no_file(own_school: School) -> None:
    own_school.change("UPDATE contact SET phone = '555 0199', email = 'jo@other.example' WHERE person_id IS DISTINCT FROM %s", own_school.ids["ana"])
    own_school.change("INSERT INTO contact (sourced_id, student_id, person_id, name, phone) SELECT 'c/jo', p.id, %s, 'Jo', '555 0199' FROM person p"
                      " WHERE p.sourced_id = 'nina'", own_school.ids["jo"])  # fmt: skip
    assert "555 0199" not in "".join(unpacked().values()) and "jo@other.example" not in "".join(unpacked().values())


def test_others_get_the_answer_of_a_page_that_there_is_not_and_no_line_is_written(own_school: School) -> None:
    """Tia is a tutor for grades: her access has no access log."""
    for person, side in (("tia", "family"), ("dee", "family"), ("jo", "family"), ("max", "student"), ("bo", "staff"), ("carl", "staff"), ("pat", "staff")):
        assert answer(person, side).status == 404, person
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger WHERE event = 'look'").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM security_event WHERE kind = 'export'").fetchone() == (0,)


def test_an_adult_who_sees_no_grades_gets_none_and_one_who_sees_neither_gets_no_table_of_them(own_school: School) -> None:
    own_school.change(f"UPDATE tie SET view_kinds = '{{attendance,ledger}}' WHERE adult_id = {ANA} AND student_id = {NINA}")
    files = unpacked()
    assert {row[1] for row in rows_in(files, "grades-and-attendance.csv")[1:]} == {"Attendance"}
    assert "Algebra quiz" not in "".join(files.values()) and CANARY not in files["grades-and-attendance.csv"]
    own_school.change(f"UPDATE tie SET view_kinds = '{{ledger}}' WHERE adult_id = {ANA} AND student_id = {NINA}")
    assert list(unpacked()) == ["everything.html", "everything.csv", "access-log.csv", "people-with-access.csv"]


def test_a_session_left_open_gets_no_zip_without_a_new_proof(own_school: School) -> None:
    age_proofs(own_school)
    page = answer()
    assert page.status == 302 and page.headers["Location"].startswith("/sign-in/again?next=%2Fchildren%2F") and page.text == ""


def test_the_zip_is_a_security_event_and_a_line_of_the_access_log_in_its_own_words(own_school: School) -> None:
    Browser("ana").open(PATH.removesuffix("/download"))
    files = unpacked()
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT e.kind, e.what, a.sign_in_name, l.act FROM security_event e JOIN account a ON a.id = e.account_id"
                             " JOIN ledger l ON l.id = e.about WHERE l.event = 'look'").fetchall() \
            == [("export", "everything download", "ana.family", "everything download")]  # fmt: skip
    line = "downloaded everything that is kept about Nina."
    assert line in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words
    assert line in {row[3] for row in rows_in(files, "access-log.csv")}, "the ZIP's own view is in it"
    assert "descargó todo lo que se guarda sobre usted." in {row[3] for row in rows_in(unpacked("nina", "student", "es"), "access-log.csv")}


def test_a_line_has_its_day_and_its_time_and_another_adults_line_only_its_day(own_school: School) -> None:
    tie(own_school, "dee", "nina")
    assert Browser("dee").open(f"/children/{identity('nina')}").status == 200
    rows = rows_in(unpacked(), "access-log.csv")[1:]
    today = timezone.localdate().isoformat()
    assert {row[0] for row in rows if row[2] == "You"} == {today} and all(re.fullmatch(r"\d\d:\d\d", row[1]) for row in rows if row[2] == "You")
    assert [row[1] for row in rows if row[2].startswith("Dee")] == [""]


def test_a_hidden_entry_is_not_in_the_table_of_the_family_or_the_student(looked: School) -> None:
    assert "Bo Larsen" in {row[2] for row in rows_in(unpacked(), "access-log.csv")}
    assert propose(looked) == "proposed" and agreed(looked) == "carried out"
    for person, side in (("ana", "family"), ("nina", "student")):
        rows = rows_in(unpacked(person, side), "access-log.csv")
        assert "Bo Larsen" not in {row[2] for row in rows} and "hid" not in "".join(row[3] for row in rows)


def test_a_confidential_adult_is_in_no_file_by_name(own_school: School) -> None:
    own_school.change(f"UPDATE tie SET is_confidential = true WHERE adult_id <> {ANA} AND student_id = {NINA}")
    found = "".join(unpacked().values())
    assert "whose name the school keeps confidential" in found and "Tia Bright" not in found


def test_the_table_has_lines_that_the_page_no_longer_offers(own_school: School) -> None:
    """The page goes back 13 months. A copy of everything has the rest, too."""
    with own_school.asked_by("bo", "staff", ("gradebook", "algebra")):
        pass
    own_school.change("UPDATE ledger_student SET at = '2019-05-06 12:00-07'")
    assert ("2019-05-06", "Bo Larsen") in {(row[0], row[2]) for row in rows_in(unpacked(), "access-log.csv")}


def test_a_long_log_is_whole_and_in_order(own_school: School) -> None:
    """It is read in parts."""
    many = ROWS_AT_A_TIME * 2 + 7
    own_school.change(f"""WITH entry AS (INSERT INTO ledger (at, event, act, person_id, capacity, session_key, xid)
            SELECT (today() - n + time '12:00') AT TIME ZONE 'America/Los_Angeles', 'look', 'child', %s, 'teacher of the school', '\\x', 1
            FROM generate_series(1, %s) n RETURNING id, at)
        INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT id, {NINA}, at, '{{grades}}' FROM entry""", own_school.ids["pat"], many)
    days = [row[0] for row in rows_in(unpacked(), "access-log.csv") if row[2] == "Pat Quill"]
    assert len(set(days)) == many and days == sorted(days, reverse=True)


def test_no_cell_of_any_table_is_a_formula(filled: School) -> None:
    filled.change(f"UPDATE person SET middle_name = '=HYPERLINK(1)', family_name = '@A1' WHERE id IN ({NINA}, {ANA})")
    filled.change("UPDATE section SET title = '=1+1'")
    filled.change("UPDATE line_item SET title = '+1' WHERE key = %s", identity("algebra quiz"))
    files = unpacked()
    cells = [cell for name in TABLES for row in rows_in(files, name) for cell in row]
    assert [cell for cell in cells if FORMULA.match(cell)] == [] and {"'=HYPERLINK(1)", "'@A1", "'=1+1", "'+1"} <= set(cells)


def test_the_words_of_a_file_are_text_in_the_page_of_the_zip(own_school: School) -> None:
    own_school.change("UPDATE person SET middle_name = '<script>x</script>' WHERE sourced_id = 'nina'")
    page = page_in(unpacked())
    assert "<script>x</script>" in page.words and not page.find("script")


def test_the_names_of_the_files_have_no_last_name_and_the_time_of_the_district(own_school: School) -> None:
    page = answer()
    assert page.headers["Content-Disposition"] == 'attachment; filename="everything-Nina.zip"'
    with ZipFile(BytesIO(page.text.encode("latin-1"))) as packed:
        made = [datetime(*each.date_time, tzinfo=timezone.get_current_timezone()) for each in packed.infolist()]
    assert all(abs(timezone.now() - each) < timedelta(minutes=2) for each in made)


@pytest.mark.parametrize("act", ["everything kept", "everything download"])
def test_its_own_two_views_open_everything_shown_and_a_download_of_grades_does_not(own_school: School, act: str) -> None:
    statement = "SELECT count(*) > 5 FROM everything_shown(%s)"
    with own_school.asked_by("ana", "family", (act, "nina")) as app:
        assert app.execute(statement, [identity("nina")]).fetchone() == (True,)
    for other in ("record download", "child", "who has looked", "who can see"):
        with own_school.asked_by("ana", "family", (other, "nina")) as app:
            assert app.execute(statement, [identity("nina")]).fetchone() == (False,), other


def test_the_page_leads_to_the_zip(own_school: School) -> None:
    assert PATH in Browser("ana").open(PATH.removesuffix("/download")).links

"""The absences of a school: Rosa the clerk and Pat the principal read them, and each view is in the students' access logs."""

import uuid
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from homeroom.portal.attendance.calendar import meaning
from homeroom.portal.attendance.models import Presence
from homeroom.portal.attendance.queries import codes
from tests.browser import Browser, Page, statements
from tests.cast import Writer
from tests.school import School

LOG = """SELECT s.student_id, l.act, s.kinds, l.capacity FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
    WHERE l.event = 'look' AND l.person_id = %s ORDER BY s.id"""


def rosa(path: str = "/absences", language: str = "en") -> Page:
    return Browser("rosa", "staff", language).open(path)


def find(name: str, **fields: str) -> Page:
    return Browser("rosa", "staff").post("/absences", {"name": name} | fields)


def listed(page: Page) -> list[str]:
    """Returns the names of the students, in the order of the page."""
    assert page.status == 200
    return ["".join(link.itertext()) for link in page.find("a") if (link.get("href") or "").startswith("/children/")]


def counted(page: Page) -> tuple[str | None, str | None]:
    """Returns how many are absent, and how many of them without a reason."""
    return next((each.get("data-absent"), each.get("data-waiting")) for each in page.find("p") if each.get("data-absent"))


def mark(school: School, student: str, days: int = 2, section: str = "", status: str = "absent", code: str = "") -> None:
    with school.connect("owner") as owner:
        Writer(owner).row("attendance_mark", id=uuid.uuid4(), student_id=school.ids[student], day=timezone.localdate() - timedelta(days), status=status,
                          excuse_code=code, section_id=school.ids[section] if section else None, school_id=school.ids["middle"])  # fmt: skip


def means(school: School, status: str, code: str, presence: int, excuse: int) -> None:
    school.change("INSERT INTO attendance_code (status, excuse_code, presence, excuse) VALUES (%s, %s, %s, %s)", status, code, presence, excuse)


def excused(school: School, student: str) -> None:
    school.change("UPDATE attendance_mark SET excuse_code = 'ILL' WHERE student_id = %s", school.ids[student])


def test_rosa_reads_who_was_absent_at_her_school_on_the_last_day_on_file(school: School) -> None:
    page = rosa()
    assert listed(page) == ["Max Moss", "Kai Okafor", "Nina Ruiz"] and counted(page) == ("3", "3")
    assert page.words.count("absent all day") == 3 and "Grade 7" in page.words and "Leo" not in page.words


def test_rosas_home_is_the_page_and_her_menu_has_it(school: School) -> None:
    assert Browser("rosa", "staff").open("/").headers["Location"] == "/absences"
    assert "/absences" in {link.get("href") for link in rosa("/classes").find("a")}


def test_each_listed_student_has_one_line_a_day_in_the_access_log(own_school: School) -> None:
    rosa(), rosa("/absences?days=week")
    with own_school.connect("owner") as owner:
        lines = owner.execute(LOG, [own_school.ids["rosa"]]).fetchall()
    assert sorted(lines) == sorted((own_school.ids[who], "absences", ["attendance"], "duty: attendance clerk") for who in ("nina", "max", "kai"))
    assert "Rosa Lim" in Browser("ana").open(f"/children/{own_school.uuid('nina')}/who-has-looked").words


def test_pat_the_principal_reads_the_same_list_with_her_own_duty_in_the_log(own_school: School) -> None:
    assert listed(Browser("pat", "staff").open("/absences")) == ["Max Moss", "Kai Okafor", "Nina Ruiz"]
    with own_school.connect("owner") as owner:
        assert {line[3] for line in owner.execute(LOG, [own_school.ids["pat"]]).fetchall()} == {"duty: principal"}


def test_a_clerk_of_the_other_school_reads_only_that_school(own_school: School) -> None:
    own_school.change("UPDATE duty SET school_id = %s WHERE duty = 'attendance clerk'", own_school.ids["elementary"])
    assert listed(rosa()) == ["Leo Ruiz"]
    assert rosa(f"/absences?school={own_school.uuid('middle')}").status == 404
    assert find("nina", school=own_school.uuid("middle")).status == 404


def test_a_clerk_of_two_schools_chooses_one(own_school: School) -> None:
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'attendance clerk', today())",
        own_school.ids["rosa"], own_school.ids["elementary"])  # fmt: skip
    assert listed(rosa()) == ["Leo Ruiz"]
    other = f"/absences?school={own_school.uuid('middle')}"
    assert listed(rosa(other)) == ["Max Moss", "Kai Okafor", "Nina Ruiz"]
    assert other.removeprefix("/absences") in {link.get("href") for link in rosa().find("a")}
    assert listed(find("ruiz", school=own_school.uuid("middle"))) == ["Nina Ruiz"]


@pytest.mark.parametrize("who", ["bo staff", "dana staff", "carl staff", "ana family", "nina student"])
def test_the_page_does_not_exist_for_everyone_else(own_school: School, who: str) -> None:
    person, side = who.split()
    assert Browser(person, side).open("/absences").status == 404
    assert Browser(person, side).post("/absences", {"name": "nina"}).status == 404
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'absences'").fetchone() == (0,)


def test_a_duty_that_is_over_opens_no_page(own_school: School) -> None:
    own_school.change("UPDATE duty SET end_date = today() WHERE duty = 'attendance clerk'")
    assert rosa().status == 302, "she is signed out"
    own_school.change("UPDATE session SET ended_at = NULL")
    assert rosa().status == 404


def test_a_student_rosa_is_restricted_from_is_neither_listed_nor_counted(own_school: School) -> None:
    own_school.change("""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date, made_by_id)
        VALUES (gen_random_uuid(), %s, %s, 'court order', today(), %s)""",
        own_school.ids["rosa"], own_school.ids["max"], own_school.ids["carl"])  # fmt: skip
    page = rosa()
    assert listed(page) == ["Kai Okafor", "Nina Ruiz"] and counted(page) == ("2", "2")
    assert listed(find("moss")) == []


def test_the_schools_own_staff_reads_the_name_behind_an_alias_and_finds_it(own_school: School) -> None:
    own_school.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id) VALUES (%s, 'Abe', 'Zinn', 'threat', "
        "today(), %s)", own_school.ids["max"], own_school.ids["carl"])  # fmt: skip
    assert listed(rosa()) == ["Max Moss", "Kai Okafor", "Nina Ruiz"]
    assert listed(find("moss")) == ["Max Moss"] == listed(find("zinn"))


def test_students_without_a_reason_come_first(own_school: School) -> None:
    excused(own_school, "max")
    page = rosa()  # a code without a meaning of its own is a reason on file
    assert listed(page) == ["Kai Okafor", "Nina Ruiz", "Max Moss"] and counted(page) == ("3", "2") and "code ILL" in page.words
    means(own_school, "absent", "ill", 2, 2)
    assert listed(rosa())[-1] == "Max Moss" and "unexcused" in rosa().words


def test_a_week_has_seven_days_up_to_the_last_day_on_file(own_school: School) -> None:
    mark(own_school, "kai", days=8), mark(own_school, "kai", days=9, status="absent", code="OLD")
    own_school.change("DELETE FROM attendance_mark WHERE student_id = %s AND day = today() - 2", own_school.ids["kai"])
    assert listed(rosa()) == ["Max Moss", "Nina Ruiz"]
    page = rosa("/absences?days=week")
    assert listed(page) == ["Max Moss", "Kai Okafor", "Nina Ruiz"] and "OLD" not in page.words


def test_a_day_that_is_planned_is_not_the_last_day_on_file(own_school: School) -> None:
    mark(own_school, "kai", days=-1)
    assert listed(rosa()) == ["Max Moss", "Kai Okafor", "Nina Ruiz"]


def test_a_mark_that_a_file_took_back_is_not_listed(own_school: School) -> None:
    mark(own_school, "kai", days=1)
    own_school.change("UPDATE attendance_mark SET ended_at = now() WHERE student_id = %s", own_school.ids["kai"])
    assert listed(rosa()) == ["Max Moss", "Nina Ruiz"]


def test_a_student_who_was_present_or_late_is_not_listed(own_school: School) -> None:
    own_school.change("UPDATE attendance_mark SET status = 'Present' WHERE student_id = %s", own_school.ids["kai"])
    own_school.change("UPDATE attendance_mark SET status = 'tardy' WHERE student_id = %s", own_school.ids["max"])
    page = rosa()
    assert listed(page) == ["Nina Ruiz"] and counted(page) == ("1", "1")


def test_a_code_without_a_meaning_is_counted_and_not_listed(own_school: School) -> None:
    own_school.change("UPDATE attendance_mark SET status = 'TX' WHERE student_id = %s", own_school.ids["kai"])
    page = rosa()
    assert listed(page) == ["Max Moss", "Nina Ruiz"]
    assert [each.get("data-unknown") for each in page.find("p") if each.get("data-unknown")] == ["1"]


def test_rosa_reads_the_periods_and_asks_for_one(own_school: School) -> None:
    mark(own_school, "nina", days=1, section="algebra"), mark(own_school, "max", days=1, section="english", code="ILL")
    own_school.change("UPDATE section SET periods = '{3}' WHERE id = %s", own_school.ids["english"])
    page = rosa()
    assert listed(page) == ["Nina Ruiz", "Max Moss"] and "absent, period 2" in page.words and "absent, period 3" in page.words
    assert [option.get("value") for option in page.find("option")] == ["", "2", "3"]
    assert listed(rosa("/absences?period=3")) == ["Max Moss"] and listed(rosa("/absences?period=9")) == []
    assert "Algebra" not in page.words, "a clerk's duty opens no class"


def test_a_search_finds_names_that_begin_with_the_words_and_leaves_no_name_in_an_address(own_school: School) -> None:
    page = find("ru", days="week")
    assert listed(page) == ["Nina Ruiz"]
    assert not any("ru" in (link.get("href") or "") for link in page.find("a") if (link.get("href") or "").startswith("?"))
    assert listed(find("nobody")) == [] and listed(find("leo")) == []


def test_one_letter_searches_for_no_one_and_is_no_view(own_school: School) -> None:
    assert listed(find("n")) == []
    with own_school.connect("owner") as owner:
        assert owner.execute(LOG, [own_school.ids["rosa"]]).fetchall() == []


@pytest.mark.parametrize("path", ["?after=-1", "?after=x", "?period=%00", "?school=x", "?days=|9|", "?period=|nina|", "?school=", "?after=99999999999"])
def test_an_odd_address_does_no_harm(school: School, path: str) -> None:
    assert rosa(f"/absences{path}").status in (200, 404)


def test_a_page_has_fifty_students_and_the_next_one_the_rest(own_school: School) -> None:
    own_school.change("""WITH p AS (INSERT INTO person (sourced_id, given_name, family_name, is_student)
            SELECT 'extra' || n, 'Ann', 'Aab' || lpad(n::text, 3, '0'), true FROM generate_series(1, 60) n RETURNING id),
        r AS (INSERT INTO role (sourced_id, person_id, school_id, role) SELECT 'extra' || id, id, %s, 'student' FROM p)
        INSERT INTO attendance_mark (id, student_id, school_id, day, status) SELECT gen_random_uuid(), id, %s, today() - 2, 'absent' FROM p""",
        own_school.ids["middle"], own_school.ids["middle"])  # fmt: skip
    with statements() as few:
        page = rosa()
    first = listed(page)
    (following,) = [link.get("href") for link in page.find("a") if "after=" in (link.get("href") or "")]
    rest = listed(rosa(f"/absences{following}"))
    assert len(first) == 50 and len(rest) == 13 and len({*first, *rest}) == 63 and counted(page) == ("63", "63")
    with statements() as fewer:
        assert len(listed(find("aab007"))) == 1
    assert len(few) == len(fewer) == 4


def test_the_database_and_the_page_agree_about_each_code(own_school: School) -> None:
    for setting in (("strasse", "", 2, 0), ("absent", "ill", 2, 1), ("absent", "cut", 2, 2), ("gone", "x", 4, 0), ("excused absent", "", 2, 0)):
        means(own_school, *setting)
    statuses = ["absent", " ABSENT ", "Excused absent", "excused", "present", "tardy", "STRASSE", "Stra\u00dfe", "TX", "gone", ""]
    with own_school.connect("owner") as owner:
        meanings = codes(owner.execute("SELECT status, excuse_code, presence, excuse FROM attendance_code").fetchall())
        for status, code in product(statuses, ["", "ILL", " ill\t", "cut", "x", "other"]):
            said = owner.execute("SELECT presence, needs_reason FROM meaning_of_mark(%s, %s)", [status, code]).fetchone() or (0, False)
            found = meaning(status, code, meanings)
            waits = found.presence is Presence.ABSENT and found.excuse == 0 and not found.on_file
            assert said == (found.presence, waits), (status, code)


def test_the_page_is_in_spanish_too(school: School) -> None:
    page = rosa(language="es")
    assert listed(page) == ["Max Moss", "Kai Okafor", "Nina Ruiz"] and "Ausencias" in page.words and "bsence" not in page.words

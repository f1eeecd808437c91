"""Odd codes: hostile ones, too many, and millions of records with them."""

import pytest

from homeroom.portal.attendance.calendar import Meaning
from homeroom.portal.attendance.codes import folded, joined, listed, read_otherwise, shown, unmapped
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.attendance.tests.speaking import (
    ABSENT,
    EXCUSED,
    LATE,
    PLACE,
    carl,
    codes_on,
    keep,
    mark,
    preview,
    settings_of,
    today,
)
from tests.browser import numbers
from tests.school import School, proof_of

HOSTILE = {
    "html": "<script>alert(1)</script>",
    "reversed": "abs\u202eent",
    "invisible": "abs\u200bent",
    "long": "w" * 200,
    "quotes": "o'\"brien & co",
    "lines": "a\r\nb",
}


def test_students_are_not_counted_among_millions_of_records(unruled: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.portal.attendance.code_queries.MANY", 1)
    page = preview({("tx", "med"): ("", EXCUSED)})
    assert numbers(page.lead) == ["2"], "records, without a number of students"
    assert numbers(preview({("w", ""): ("", LATE)}).lead) == ["1", "1"]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_code_is_shown_as_it_is_and_can_be_given_a_meaning(own_school: School, word: str) -> None:
    mark(own_school, "nina", HOSTILE[word], HOSTILE[word])
    code = folded(HOSTILE[word], HOSTILE[word])
    page = carl()
    assert codes_on(page)[0] == f"{shown(HOSTILE[word])} {shown(HOSTILE[word])}" and not page.find("script")
    assert numbers(preview({code: ("", ABSENT)}).lead) == ["1", "1"]
    assert keep({code: ("", ABSENT)}).status == 302
    assert "Absent" in carl().words and settings_of(own_school)[code] == (2, 0)


def test_two_codes_never_look_the_same() -> None:
    assert shown("abs\u202eent") == "abs[U+202E]ent" != shown("abs\u200bent")
    assert shown("día ñ 医") == "día ñ 医"


def test_each_of_400_codes_is_on_one_page(own_school: School) -> None:
    many(own_school, codes=400, each=1)
    seen, path = list[str](), "?page=1"
    while path:
        page = carl(PLACE + path)
        seen += codes_on(page)
        assert len(codes_on(page)) <= 50
        path = next((a.get("href", "") for a in page.find("a") if "".join(a.itertext()).strip() == "Next page"), "")
    assert len(seen) == len(set(seen)) and {f"Code{n:04}" for n in range(400)} <= set(seen)
    assert carl(f"{PLACE}?page=99999").status == carl(f"{PLACE}?page=x").status == 200


def many(school: School, codes: int, each: int) -> None:
    school.change(
        """INSERT INTO attendance_mark (id, student_id, school_id, day, status, excuse_code)
           SELECT gen_random_uuid(), %s, %s, %s, 'Code' || to_char(c, 'FM0000'), '' FROM generate_series(0, %s) c, generate_series(1, %s)""",
        school.ids["nina"], school.ids["middle"], today(), codes - 1, each,
    )  # fmt: skip


def test_the_codes_are_found_by_the_index_without_reading_the_marks(own_school: School) -> None:
    many(own_school, codes=40, each=500)
    own_school.change("ANALYZE attendance_mark")
    with own_school.connect("owner") as owner:  # only the owner can read a table's counters
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        found = owner.execute("SELECT * FROM attendance_codes_met(2001)").fetchall()
        seen = "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'attendance_mark'"
        scans, fetched = owner.execute(seen).fetchone() or (None, None)
    assert len(found) == 41
    assert scans == 0 and fetched is not None and fetched < 1000


def test_notes_in_place_of_codes_are_reported_and_do_not_fill_the_page(own_school: School) -> None:
    many(own_school, codes=2_100, each=1)
    page = carl()
    assert page.said == {"many"} and numbers(page.part("many")) == ["2,000"]


def test_no_one_is_asked_about_last_years_codes(own_school: School) -> None:
    mark(own_school, "nina", "OLD", days=800)
    assert "OLD" not in codes_on(carl())
    page = preview({("old", ""): ("", ABSENT)})
    assert page.status == 422 and page.said == {"same"}, "no code of this year"


def test_a_code_whose_meaning_changes_through_its_status_counts_as_changed() -> None:
    met = joined([("A", "", today(), 3), ("a ", "x", today(), 2), ("B", "", today(), 1)])
    absent = Meaning(Presence.ABSENT, Excuse.UNKNOWN)
    assert unmapped(met, {}) == [("a", ""), ("a", "x"), ("b", "")]
    assert [each.code for each, *_ in read_otherwise(met.values(), {}, {("a", ""): absent})] == [("a", ""), ("a", "x")]
    assert [each.code for each in listed(met, {("a", ""): absent})] == [("a", "x"), ("b", ""), ("a", "")]

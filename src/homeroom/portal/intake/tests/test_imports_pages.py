"""Pages on which Carl the administrator reads about received files, and who else may read them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from homeroom.judging.receipt import NOTE_SENTENCES
from homeroom.judging.refusals import sentence as in_receipt
from homeroom.portal.intake.office.pages import SEAL, SEND, lead_of, unchanged
from homeroom.portal.intake.office.pages_words import SENTENCES, sentence
from homeroom.portal.intake.office.queries import Delivered
from homeroom.portal.wording import dates
from tests.browser import Browser, Page, numbers, statements, words_of
from tests.cast import CANARY, Writer
from tests.school import School


def carl(path: str = "/imports", language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def write(school: School, days: int = 0, **values: Any) -> int:
    """Adds a delivery that arrived this many days before the cast's file."""
    now = datetime.now(UTC) - timedelta(days=days)
    with school.connect("owner") as owner:
        w = Writer(owner)
        number = owner.execute("SELECT count(*) FROM delivery").fetchone()
        file = {"digest": f"{number[0]:064}", "sender": "lincoln-it", "received_at": now, "size": 3_900_000, **values}  # type: ignore[index]
        return int(w.row("delivery", **file))


REFUSED = {"state": "refused", "reason": "plain", "ended_at": datetime(2026, 11, 19, tzinfo=UTC)}
COUNTS = '{"result": {"new": 3, "changed": 1204, "ended": 1, "same": 5, "refused": 2}, "person": {"new": 1, "same": 9}}'


def test_carl_sees_whether_something_needs_him_and_what_families_see(own_school: School) -> None:
    page = carl()
    assert page.rows[0][1] == "Imported" and "Families see" in page.lead
    write(own_school, **REFUSED)
    page = carl()
    assert page.rows[0][1] == "Refused" and "refused" in page.lead and "Families see" in page.lead and "Why" in page.words
    write(own_school, state="arrived")
    assert carl().rows[0][1] == "Being read" and "being read" in carl().lead


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_cut_short_ends_its_sentence(month: int) -> None:
    """Spanish abbreviates months: nov., may, sept."""
    of = datetime(dates.this_school_year() - (month >= dates.SCHOOL_YEAR_STARTS), month, 9, tzinfo=UTC)
    with translation.override("es"):
        file = Delivered(1, "lincoln-it", "", of, of, of, "rejected", "", {}, (), {}, {}, [], (), 0, 0)
        for words in (unchanged(of), lead_of([file], of)):
            assert re.search(r"[^.]\.$", words), words


def test_counts_of_a_file_are_added_up_over_its_tables(own_school: School) -> None:
    number = write(own_school, state="imported", counts=COUNTS, signed_at=datetime.now(UTC))
    row = next(
        row for row in carl().find("tr") if f"/imports/{number}" in [a.get("href") for a in row.iter() if a.get("href")]
    )
    assert [words_of(cell) for cell in row][2:6] == ["4 added,", "1,204 changed,", "1 ended,", "2 rows refused"]


def test_a_files_page_says_for_which_days_attendance_is_complete(own_school: School) -> None:
    number = write(own_school, state="imported", counts=COUNTS, signed_at=datetime.now(UTC))
    own_school.change(f"""UPDATE delivery SET days = '{{"attendance.csv": ["2026-08-24", "2026-11-25"]}}' WHERE id = {number}""")
    facts = ["".join(div.itertext()) for facts in carl(f"/imports/{number}").find("dl") for div in facts]
    assert f"Attendance is completefrom {dates.day(date(2026, 8, 24))} to {dates.day(date(2026, 11, 25))}" in facts


def test_how_fresh_and_when_the_senders_key_ends(own_school: School) -> None:
    facts = carl().facts
    assert "Next expected" in facts and key_ends(facts) == ["no end"]
    own_school.change("UPDATE signer SET expires_at = now() + interval '20 days'")
    assert "Renew the key" in carl().words
    renewed = "repeat('B', 40), 'lincoln-it', '-', now() + interval '1 year'"
    own_school.change(f"INSERT INTO signer (fingerprint, sender, certificate, expires_at) VALUES ({renewed})")
    page = carl()
    assert "Renew the key" not in page.words and len(key_ends(page.facts)) == 1, "renewed"
    own_school.change("UPDATE signer SET revoked_at = now()")
    assert "none registered" in carl().words


def key_ends(facts: dict[str, str]) -> list[str]:
    return [value for term, value in facts.items() if "lincoln-it" in term]


def test_an_empty_portal_says_how_the_first_file_is_sent(own_school: School) -> None:
    own_school.change("DELETE FROM refused_row")
    for table in ("decision", "change_detail", "change", "change_count", "merge", "answer", "question", "upload"):
        own_school.change(f"DELETE FROM {table}")
    for table in ("result_change", "attendance_mark", "result", "delivery"):
        own_school.change(f"DELETE FROM {table} WHERE true" if table != "result" else "DELETE FROM result_score_scale")
        if table == "result":
            own_school.change("DELETE FROM result")
    page = carl()
    assert page.part("first") and SEAL in page.words and SEND.format(sender="lincoln-it") in page.words
    assert len([li for li in page.find("li") if li.get("class") == "row"]) == 4


def test_a_file_lists_each_row_that_was_left_out_by_file_line_column_and_reason(own_school: School) -> None:
    number = own_school.ids["file"]
    own_school.change("UPDATE refused_row SET line = 8113, reason = 'number-form'")
    page = carl(f"/imports/{number}")
    assert page.status == 200 and numbers(page.at("rows")) == ["1"]
    assert "results.csv, line 8,113" in page.words and "score" in page.words
    assert sentence("number-form", {}) in page.words
    assert CANARY not in page.text


def test_a_file_with_more_bad_rows_than_are_listed_says_the_number_that_list_and_receipt_say(own_school: School) -> None:
    own_school.change("""UPDATE delivery SET counts = '{"result": {"refused": 12345}}'""")
    page = carl(f"/imports/{own_school.ids['file']}")
    assert numbers(page.lead) == ["12,345"]
    assert numbers(page.at("rows").replace(",", "")) == ["12345"] and "Only the first" in page.words


def test_the_list_of_imports_counts_no_row_that_it_does_not_show(own_school: School) -> None:
    with CaptureQueriesContext(connection) as asked:
        carl()
    assert not [q for q in asked if "refused_row" in q["sql"]]


def test_a_refused_file_says_why_that_nothing_changed_and_what_to_do(own_school: School) -> None:
    page = carl(f"/imports/{write(own_school, **REFUSED)}")
    assert sentence(str(REFUSED["reason"]), {}) in page.part("why") and "Families still see" in page.part("why")
    assert SEAL in page.words and SEND.format(sender="lincoln-it") in page.words


def test_a_file_held_for_its_numbers_says_the_rule_and_the_limit(own_school: School) -> None:
    why = '{"table": "enrollment", "count": 412, "of": 1004, "share": 0.41, "limit": 0.05}'
    number = write(own_school, state="held", reason="rows-leave", numbers=why)
    assert numbers(carl(f"/imports/{number}").part("why"))[:4] == ["41", "412", "1,004", "5"]


def test_a_column_that_is_missing_is_named_by_file_and_column(own_school: School) -> None:
    number = write(
        own_school, state="refused", reason="column-missing", numbers='{"file": "users.csv", "column": "enabledUser"}'
    )
    assert "users.csv, enabledUser:" in carl(f"/imports/{number}").words


def test_notes_are_sentences(own_school: School) -> None:
    number = write(own_school, state="imported", notes=["armoured", "column-unknown users.csv 14"])
    words = carl(f"/imports/{number}").words
    assert NOTE_SENTENCES["armoured"] in words and f"users.csv, 14: {sentence('column-unknown', {})}" in words


def test_four_hundred_rows_are_read_in_three_pages(own_school: School) -> None:
    number = own_school.ids["file"]
    own_school.change(
        "INSERT INTO refused_row (delivery_id, file, line, \"column\", reason)"
        " SELECT %s, 'users.csv', n, 'email', 'required' FROM generate_series(1, 400) n", number
    )  # fmt: skip
    path, seen = f"/imports/{number}", []
    for _ in range(3):
        page = carl(path)
        seen += re.findall(r"users.csv, line (\d+)", page.words)
        more = [a.get("href", "") for a in page.find("a") if a.get("href", "").startswith("?after=")]
        path = f"/imports/{number}{more[0]}" if more else ""
    assert sorted(map(int, seen)) == list(range(1, 401)) and not path


def test_older_files_are_a_page_away(own_school: School) -> None:
    for days in range(40):
        write(own_school, days, **REFUSED)
    page = carl()
    older = next(a.get("href", "") for a in page.find("a") if a.get("href", "").startswith("?before="))
    links = [
        len([a for a in p.find("a") if a.get("aria-label") and re.fullmatch(r"/imports/\d+", a.get("href", ""))])
        for p in (page, carl("/imports" + older))
    ]
    assert links == [30, 11]


@pytest.mark.parametrize(
    ("person", "side"), [("bo", "staff"), ("rosa", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student")]
)
@pytest.mark.parametrize("path", ["/imports", "/imports/1"])
def test_only_an_administrator_finds_imports(school: School, person: str, side: str, path: str) -> None:
    assert Browser(person, side).open(path).status == 404


def test_carl_whose_office_has_ended_is_signed_out_and_then_finds_nothing_here(own_school: School) -> None:
    own_school.change("UPDATE administrator SET end_date = today() - 2")
    assert carl().headers["Location"] == "/sign-in?next=%2Fimports"
    own_school.change("UPDATE session SET ended_at = NULL")  # as if Carl had signed in again
    assert carl().status == 404


@pytest.mark.parametrize("path", ["/imports/0", "/imports/999999", "/imports/99999999999999999999", "/imports/x"])
def test_a_file_that_is_not_there_is_not_found(school: School, path: str) -> None:
    assert carl(path).status == 404


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=99999999999999", "before=٣"])
def test_an_address_typed_wrongly_still_shows_the_files(school: School, query: str) -> None:
    assert carl(f"/imports?{query}").status == 200


def test_pages_take_a_fixed_number_of_statements(own_school: School) -> None:
    counts = []
    for days in range(0, 20, 10):
        for day in range(days, days + 10):
            write(own_school, day, **REFUSED)
        for path in ("/imports", f"/imports/{own_school.ids['file']}"):
            with statements() as asked:
                carl(path)
            counts.append(len(asked))
    assert counts[:2] == counts[2:] and max(counts) <= 8


def test_the_signed_receipt_is_not_read_for_a_page(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        (body,) = owner.execute("SELECT prosrc FROM pg_proc WHERE proname = 'deliveries_shown'").fetchone() or ("receipt",)
    assert "receipt" not in body


NUMBERS = {
    "table": "result",
    "school": "Lincoln Middle",
    "kind": "student",
    "count": 3,
    "of": 9,
    "limit": 0.1,
    "before": 4,
    "what": "grade levels",
    "files": "classes.csv",
}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_reason_has_its_sentence_in_both_languages(code: str) -> None:
    from django.utils import translation

    said = {}
    for language in ("en", "es"):
        with translation.override(language):
            said[language] = sentence(code, NUMBERS)
    assert said["en"] != said["es"] and f"“{code}”" not in said["en"]
    assert sorted(re.findall(r"\d+|[{}]", said["en"])) == sorted(re.findall(r"\d+|[{}]", said["es"]))


@pytest.mark.parametrize(("language", "what"), [("en", "would lose this field: grade level."), ("es", "perderían este dato: grado.")])
def test_a_column_that_is_blanked_is_called_what_the_page_calls_it(language: str, what: str) -> None:
    with translation.override(language):
        assert what in sentence("values-leave", NUMBERS)


@pytest.mark.parametrize(("limit", "percent"), [(0.1, "10%"), (0.005, "0.5%"), (0.0825, "8.25%"), (1, "100%")])
def test_a_limit_is_said_as_exactly_as_it_was_set(limit: float, percent: str) -> None:
    numbers = {**NUMBERS, "limit": limit}
    assert f"The limit is {percent}." in sentence("rows-leave", numbers) and f"The limit is {percent}." in in_receipt("rows-leave", numbers)
    with translation.override("es"):
        assert f"El límite es {percent}." in sentence("rows-leave", numbers)


@pytest.mark.parametrize("code", ["missing", "import-failed", "sent-by-nobody"])
def test_a_receipt_does_not_say_to_resend_a_file_that_resending_cannot_fix(code: str) -> None:
    assert "Seal the export" in in_receipt(code, {}) and "send it again" not in in_receipt(code, {})


def test_a_reason_of_a_later_release_is_named_as_it_is(school: School) -> None:
    assert "unheard-of" in sentence("unheard-of", {})

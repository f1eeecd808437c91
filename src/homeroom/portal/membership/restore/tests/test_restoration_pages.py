"""The page that administrators read after a restore, how two of them open sign-in, and the notice that everyone sees for two weeks."""

import re

import pytest
from django.db import connection

from homeroom.portal.membership.restore.tests.restoring import back, confirm, restore
from homeroom.portal.membership.restore.words import said
from homeroom.portal.membership.tests.acting import appoint, newest
from tests.browser import Browser, Page, classes, numbers
from tests.school import School

PLACE = "/office/restoration"
WHEN = r"\w+, \w+ \d+, \d+:\d\d [ap]\.m\."
STRIP = rf"This portal was restored from a backup: what was entered between {WHEN} and {WHEN} may be missing\."
LEDGER = r"This portal was restored from the backup of \w+ \d+, \d+:\d\d [ap]\.m\..{,40}Views and changes between then and this entry may be missing"


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat")
    return own_school


def opened(who: str = "carl", side: str = "staff", language: str = "en", path: str = PLACE) -> Page:
    return Browser(who, side, language).open(path)


def words(page: Page) -> str:
    return page.words.replace("\xa0", " ")


def rows_of(page: Page) -> list[str]:
    return [" ".join("".join(item.itertext()).replace("\xa0", " ").split()) for item in page.find("li") if "row" in (item.get("class") or "").split()]


def propose(who: str = "carl", why: str = "Compared with the paper list") -> Page:
    page = opened(who)
    which = next(field.get("value", "") for field in page.find("input") if field.get("name") == "restoration")
    return Browser(who, "staff").post(f"{PLACE}/opening", {"restoration": which, "why": why})


def test_a_portal_that_was_never_restored_says_so_and_no_one_else_finds_the_page(office: School) -> None:
    assert opened().status == 200 and opened().part("notes") == opened().part("what") == ""
    assert [opened(who, side).status for who, side in (("bo", "staff"), ("vera", "staff"), ("ana", "family"), ("nina", "student"))] == [404] * 4


def test_home_leads_an_administrator_to_what_was_restored(office: School) -> None:
    assert opened(path="/").headers["Location"] == "/imports"
    restore(office)
    back(office, "carl", "pat")
    assert opened(path="/").headers["Location"] == PLACE
    assert "Restoration" in words(opened(path="/imports")) and opened(path="/office/ties").status == 200, "they look things up meanwhile"
    confirm(office)
    assert opened(path="/").headers["Location"] == "/imports"


def test_the_page_says_what_was_lost_and_each_note_in_plain_words(office: School) -> None:
    restore(
        office,
        ("restriction", "gus", "max", "applied", {}),
        ("tie gone", None, "nina", "unknown", {"person": "Zoe Hall"}),
        ("no parent accounts", None, "leo", "already", {}),
        ("setting", None, None, "applied", {"what": "registering: closed"}),
        ("frozen", "bo", None, "applied", {"what": {"odd": 1}}),
        ("merge undone", None, "nina", "by hand", {}),
    )
    back(office, "carl")
    page = opened()
    said = words(page)
    assert page.find("textarea") and "6 notes" in said and page.part("missing") == ""
    assert re.search(r"7, taken \w+, \w+ \d+, \d+:\d\d [ap]\.m\.\s?Restored \w+", said)
    rows = rows_of(page)
    assert [item.get("data-said") for item in page.find("li") if "row-acts" in classes(item)] == [
        "restriction: applied", "tie gone: unknown", "no parent accounts: already", "setting: applied", "frozen: applied", "merge undone: by hand",
    ]  # fmt: skip
    assert re.search(r"\.\s?\w+, \w+ \d+, \d+:\d\d [ap]\.m\.\s?Repeated", rows[0]), rows[0]
    named = (("Gus Moss", "Max Moss"), ("Zoe Hall’s", "Nina Ruiz"), ("Leo Ruiz’s",), ("(registering: closed)",))
    for row, names in zip(rows, named, strict=False):
        assert all(name in row for name in names), row
    assert rows[4].startswith("frozen: Bo Larsen"), "a kind without words shows as its code"


def test_the_page_goes_on_after_a_hundred_notes_and_says_how_many_there_are(office: School) -> None:
    restore(office, *[("setting", None, None, "applied", {"what": f"choice {n}"}) for n in range(101)])
    back(office, "carl")
    first, second = opened(), opened(path=f"{PLACE}?after=99")
    assert all("101 notes" in words(page) for page in (first, second))
    assert "(choice 99)" in words(first) and "(choice 100)" not in words(first) and 'href="?after=99"' in first.text
    assert "(choice 100)" in words(second) and "(choice 99)" not in words(second) and "Next page" not in words(second)
    assert "Página siguiente" in words(opened(language="es"))
    over = opened(path=f"{PLACE}?after=100")
    assert "101 notes" in words(over) and "none" not in over.said


def test_a_form_error_appears_next_to_the_notes_and_counts_as_another_view(office: School) -> None:
    restore(office, ("restriction", "gus", "max", "applied", {}))
    back(office, "carl")
    assert "restriction: applied" in propose(why=" ").said
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger WHERE act = 'restoration'").fetchone() == (2,)
        lines = "SELECT s.kinds FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'restoration' AND s.student_id = %s"
        assert owner.execute(lines, [office.ids["max"]]).fetchall() == [(["names"],)]


def test_missing_notes_get_a_strong_warning(office: School) -> None:
    restore(office, missing=2)
    back(office, "carl")
    page = opened()
    assert "notice-brick" in page.text and numbers(page.at("missing")) == ["2"] and "by hand" in page.part("missing")
    assert "No notes arrived." in words(page)


def test_a_mother_who_is_an_administrator_reads_of_her_own_child_that_another_reads_it(office: School) -> None:
    appoint(office, "dana")
    restore(office, ("withheld line", "bo", "kai", "applied", {"what": "until May", "student": "Kai Okafor"}))
    back(office, "dana")
    page = opened("dana")
    said = words(page)
    assert page.said == {"kept"} and "withheld" not in page.text and "Kai" not in said and "hidden" not in said and "May" not in said


def test_two_administrators_open_sign_in_and_the_pages_say_who(office: School) -> None:
    restore(office, ("masking", None, "nina", "applied", {}))
    back(office, "carl", "pat")
    empty = propose(why=" ")
    assert empty.status == 422 and empty.wrong == {"why"}
    made = propose()
    assert (made.status, made.headers["Location"]) == (302, "/office/two-people?then=proposed")
    assert "Carl Webb" in opened("pat").part("open") and not opened("pat").find("textarea")
    assert "/office/two-people" in [a.get("href") for a in opened("pat").find("a") if "".join(a.itertext()).startswith("Confirm or reject")]
    two = opened("pat", path="/office/two-people")
    assert two.said == {"open after restoration: waiting"}
    assert re.search(r"backup of \w+, \w+ \d+, \d+:\d\d [ap]\.m\.\s?1 note ", words(two))
    seen = {field.get("name", ""): field.get("value", "") for field in two.find("input") if field.get("name") == "seen"}
    done = Browser("pat", "staff").post(f"/office/two-people/{newest(office)[0]}/answer", seen | {"answer": "second", "why": ""})
    assert done.headers["Location"].endswith("then=carried+out")
    page = opened()
    assert "Carl Webb" in page.part("open") and "Pat Quill" in page.part("open") and not page.find("textarea")


def test_opening_asks_again_who_it_is(office: School) -> None:
    restore(office)
    back(office, "carl")
    office.change("UPDATE session SET proven_at = now() - interval '11 minutes'")
    assert propose().headers["Location"].startswith("/sign-in/again?") and newest_or_none(office) is None


def newest_or_none(school: School) -> object:
    with school.connect("owner") as owner:
        return owner.execute("SELECT uuid FROM proposal").fetchone()


def test_everybody_reads_for_two_weeks_what_may_be_missing(office: School) -> None:
    child = f"/children/{office.uuid('nina')}"
    pages = [("ana", "family", "/"), ("ana", "family", child), ("nina", "student", "/"), ("bo", "staff", "/classes"), ("carl", "staff", "/imports")]
    assert not any(re.search(STRIP, words(opened(*page[:2], path=page[2]))) for page in pages)
    restore(office)
    back(office, "carl", "pat", "bo")
    back(office, "ana", side="family")
    back(office, "nina", side="student")
    confirm(office)
    assert all(re.search(STRIP, words(opened(*page[:2], path=page[2]))) for page in pages)
    assert 'href="/office/restoration"' in opened(path="/imports").text and "/office/restoration" not in opened("ana", "family", path="/").text
    office.change("UPDATE restoration SET restored_at = now() - interval '15 days'")
    assert not any(re.search(STRIP, words(opened(*page[:2], path=page[2]))) for page in pages)


def test_the_strip_asks_the_database_nothing_more(office: School) -> None:
    def asked() -> int:
        seen: list[str] = []

        def noted(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(noted):
            assert opened("ana", "family", path="/").status == 200
        return len(seen)

    before = asked()
    restore(office)
    back(office, "ana", side="family")
    assert asked() == before


def test_the_family_reads_in_the_access_log_that_views_from_that_time_may_be_missing(office: School) -> None:
    restore(office)
    back(office, "ana", side="family")
    back(office, "carl")
    nina = office.uuid("nina")
    for who, side, path in (("ana", "family", f"/children/{nina}/who-has-looked"), ("carl", "staff", f"/office/ties/{nina}/lines")):
        assert re.search(LEDGER, words(opened(who, side, path=path))), path


def test_all_of_it_is_there_in_spanish(office: School) -> None:
    english = said()
    restore(office, *((kind, "gus", "max", "applied", {}) for kind in english), missing=1)
    back(office, "carl", "pat")
    back(office, "ana", side="family")
    page = words(opened(language="es"))
    for rest in ("was ", "Restored", "restored", "missing", "sign-in", "Sign-in", "backup", " note", "Repeated"):
        assert rest not in page, rest
    family = words(opened("ana", "family", "es", path="/"))
    assert "copia de seguridad" in family and "restored" not in family
    ledger = words(opened("ana", "family", "es", path=f"/children/{office.uuid('nina')}/who-has-looked"))
    assert "restored" not in ledger and "Este portal" in ledger

"""The administrator's page of security events: what it shows, its filters, and whom it doesn't show."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.events.pages import chosen_of
from tests.browser import Browser
from tests.school import School

PAGE = "/office/events"
ADDRESS = "a" * 32


def carl() -> Browser:
    return Browser("carl", "staff")


def write(school: School, person: str | None, side: str = "family", *, kind: str = "sign in", result: str = "wrong", what: str = "password",
          address: str | None = ADDRESS) -> None:  # fmt: skip
    values: list[Any] = [kind, result, person and school.ids[person], side, what, address]
    school.change("SELECT note_event(%s, %s, (SELECT id FROM account WHERE person_id = %s AND side = %s), %s, %s, 'Firefox on Android')", *values)


def test_the_page_says_who_what_when_and_from_which_place(own_school: School) -> None:
    write(own_school, "ana")
    line = carl().open(PAGE).line("Ana Ruiz")
    assert all(words in line for words in ("Signing in: By password", "Wrong", "family account", "Firefox on Android", f"place {ADDRESS[:8]}"))


def test_a_filter_leaves_out_other_kinds_results_accounts_and_places(own_school: School) -> None:
    write(own_school, "ana")
    write(own_school, "dee", result="done")
    write(own_school, "bo", "staff", kind="sign out", result="done", what="", address="b" * 32)
    with own_school.connect("owner") as owner:
        (number,) = owner.execute("SELECT id FROM account WHERE sign_in_name = 'dee.family'").fetchone() or (0,)

    def shown(query: str) -> set[str]:
        words = carl().open(f"{PAGE}?{query}").words
        return {name for name in ("Ana Ruiz", "Dee Moss", "Bo Larsen") if name in words}

    assert shown("") == {"Ana Ruiz", "Dee Moss", "Bo Larsen"}
    assert shown("kind=sign+out") == {"Bo Larsen"}
    assert shown("kind=sign+in&result=done") == {"Bo Larsen", "Dee Moss"}
    assert shown(f"account={number}") == {"Dee Moss"}
    assert shown(f"address={'b' * 32}") == {"Bo Larsen"}
    assert shown("first=2020-01-01&last=2020-01-02") == set()


def test_older_events_are_one_link_away_and_none_comes_twice(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        owner.execute("DELETE FROM security_event")
        owner.execute("SELECT note_event('file', 'held', NULL, 'n' || n, of_number => n) FROM generate_series(1, 120) n")
    seen: list[str] = []
    path = PAGE
    while path:
        page = carl().open(path)
        seen += [line for line in page.lines if line.startswith("File: n")]
        links = [link for link in page.links if "before=" in link]
        path = f"{PAGE}{links[0]}" if links else ""
    assert len(seen) == len(set(seen)) == 120 and "File 120" in seen[0] and "File 1 " in f"{seen[-1]} "


def test_an_administrator_does_not_follow_the_other_parent(own_school: School) -> None:
    """Carl is a contact of Nina's, as Ana is."""
    write(own_school, "ana")
    with own_school.connect("owner") as owner:
        (number,) = owner.execute("SELECT id FROM account WHERE sign_in_name = 'ana.family'").fetchone() or (0,)
    values = [own_school.ids["nina"], own_school.ids["carl"]]
    own_school.change("INSERT INTO contact (sourced_id, student_id, person_id, name) VALUES ('nina|carl', %s, %s, '')", *values)
    page = carl().open(PAGE)
    assert "Ana Ruiz" not in page.words and "Someone whose account you may not follow" in page.words
    assert f"account={number}" not in page.text and ADDRESS not in page.text and "Firefox" not in page.line("may not follow")
    for query in (f"account={number}", f"address={ADDRESS}"):
        assert "may not follow" not in carl().open(f"{PAGE}?{query}").words


def test_an_administrator_of_one_school_sees_no_event_of_the_district(own_school: School) -> None:
    write(own_school, "ana")
    own_school.change("UPDATE administrator SET school_id = %s", own_school.ids["middle"])
    assert "Ana Ruiz" not in carl().open(PAGE).words


@pytest.mark.parametrize(("who", "side"), [("ana", "family"), ("bo", "staff"), ("pat", "staff"), ("vera", "staff"), ("nina", "student")])
def test_no_one_but_an_administrator_finds_the_page(school: School, who: str, side: str) -> None:
    assert Browser(who, side).open(PAGE).status == 404


def test_an_erased_students_events_are_gone(own_school: School) -> None:
    write(own_school, "kai", "student")
    own_school.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'student', 'kai.student')",
                      own_school.ids["kai"])  # fmt: skip
    write(own_school, "kai", "student")
    write(own_school, "ana")
    with own_school.connect("owner") as owner:
        before = owner.execute("SELECT count(*) FROM security_event e JOIN account a ON a.id = e.account_id WHERE sign_in_name = 'kai.student'").fetchone()
        assert before and before[0] > 0
        numbers = [number for (number,) in owner.execute("SELECT id FROM account WHERE sign_in_name = 'kai.student'")]
        owner.execute("SELECT erase_student(%s, 'letter')", [own_school.ids["kai"]])
        assert owner.execute("SELECT count(*) FROM security_event WHERE account_id = ANY (%s)", [numbers]).fetchone() == (0,)
        assert owner.execute("SELECT count(*) > 0 FROM security_event").fetchone() == (True,)


@given(st.dictionaries(st.sampled_from(["kind", "result", "account", "address", "first", "last", "before"]), st.text(max_size=40)))
def test_any_query_is_a_choice_of_days_and_known_values(said: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(said)
    chosen = chosen_of(query, date(2026, 12, 1))
    assert chosen.first <= chosen.last and chosen.conditions()["since"] < chosen.conditions()["until"]
    assert chosen.before_at is None or chosen.before_at.tzinfo is UTC or isinstance(chosen.before_at, datetime)

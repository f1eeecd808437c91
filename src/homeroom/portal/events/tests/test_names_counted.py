"""Names on the page of security events count as viewed people."""

from typing import Any

from homeroom.portal.events.tests.test_event_page import PAGE, carl, write
from homeroom.portal.membership.tests.acting import ask
from tests.school import School

NAMES = "SELECT string_agg(name, ', ') FROM security_events('sign in', NULL, NULL, NULL, '-infinity', 'infinity', NULL, NULL)"
COUNT = "SELECT count_names(ARRAY[%s]::bigint[])"


def account(school: School, person: str, side: str = "family") -> Any:
    with school.connect("owner") as owner:
        return (owner.execute("SELECT id FROM account WHERE person_id = %s AND side = %s", [school.ids[person], side]).fetchone() or (None,))[0]


def test_a_name_is_shown_only_after_the_person_was_counted(own_school: School) -> None:
    write(own_school, "ana")
    assert ask(own_school, "carl", NAMES, []) is None
    assert ask(own_school, "carl", COUNT, [account(own_school, "ana")]) == 1
    assert ask(own_school, "carl", NAMES, []) == "Ana Ruiz"


def test_the_page_stops_at_the_limit_and_shows_no_name(own_school: School) -> None:
    write(own_school, "ana")
    own_school.change("""UPDATE district SET caps = '{"administrator": 0}'""")
    own_school.change("UPDATE session SET proven_at = now() - interval '1 minute'")
    page = carl().open(PAGE)
    assert page.status == 429 and "Ana" not in page.words
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM brake WHERE reached_at IS NOT NULL").fetchone() == (1,)


def test_a_teacher_counts_no_one(own_school: School) -> None:
    assert ask(own_school, "bo", COUNT, [account(own_school, "ana")]) == 0

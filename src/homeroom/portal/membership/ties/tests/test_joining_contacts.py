"""An administrator joins contacts that are one person on the student's page and takes it back. A join never gives closed access again."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from functools import partial

import pytest

from homeroom.portal.membership.challenges.tests.challenging import challenge, sees, tie
from homeroom.portal.membership.requests.tests.registering import looked, prove, put_with_person, register
from homeroom.portal.membership.ties.tests.one_person import (
    HOUSE,
    SALVADOR,
    approves,
    empty_record,
    father_and_son,
    is_on_record,
    joins,
    lines,
    row,
    salvador,
)
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

SLOWLY = """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$"""
SLEEPS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'app' AND wait_event = 'PgSleep'"
STATE = """SELECT (SELECT count(*) FROM contact_join), (SELECT max(state) FROM registration WHERE person_id = t.id),
    (SELECT count(*) FROM tie WHERE adult_id = t.id AND state = 'approved'), (SELECT count(*) FROM ledger WHERE event = 'contact joined')
    FROM (SELECT %s::integer AS id) t"""
VOUCHED = "SELECT EXISTS (SELECT contacts_vouching(r)) FROM registration r WHERE person_id = %s"


@pytest.fixture
def office(own_school: School) -> School:
    return empty_record(own_school)


def says(school: School, act: str, of: object, whom: object = "") -> str:
    """Returns what the student's page answers Carl."""
    place = f"/office/ties/{identity('nina')}"
    page = Browser("carl", "staff").post(f"{place}/apart", {"act": act, "of": str(of), "whom": str(whom)})
    return page.headers.get("Location", "").removeprefix(f"{place}?then=") or " and ".join(sorted(page.said))


def vouched(school: School, who: str) -> bool:
    """Returns whether the record's own address vouches for this person."""
    with school.connect("owner") as owner:
        return owner.execute(VOUCHED, [school.ids[who]]).fetchone() == (True,)


def join_of(school: School) -> object:
    with school.connect("owner") as owner:
        return (owner.execute("SELECT uuid FROM contact_join ORDER BY id DESC LIMIT 1").fetchone() or (None,))[0]


def person_of(school: School, who: str) -> object:
    with school.connect("owner") as owner:
        return (owner.execute("SELECT uuid FROM person WHERE id = %s", [school.ids[who]]).fetchone() or (None,))[0]


def test_two_contacts_are_one_by_an_administrators_word_and_two_again(office: School) -> None:
    father_and_son(office)
    assert says(office, "join", identity("salvador/son"), identity("salvador/father")) == "joined"
    assert lines(office) == [[SALVADOR, "Grandfather, Uncle"]]
    words = Browser("carl", "staff").open(f"/office/ties/{identity('nina')}").words
    assert f"{SALVADOR}, Grandfather." in words
    assert says(office, "join", identity("salvador/son"), identity("salvador/father")) == "join same"
    assert says(office, "part", join_of(office)) == "undone" and len(lines(office)) == 2
    assert says(office, "join", identity("salvador/son"), identity("salvador/father")) == "joined" and len(lines(office)) == 1, "and once more"


def test_an_adult_who_was_let_in_before_is_joined_and_on_record(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    approves(office)
    assert lines(office) != [] and not is_on_record(office, "salvador")
    account = person_of(office, "salvador")
    assert says(office, "join", identity("salvador"), account) == "joined" and lines(office) == [] and is_on_record(office, "salvador")
    assert says(office, "join", identity("salvador"), account) == "join same"
    assert says(office, "part", join_of(office)) == "undone" and lines(office) != [] and not is_on_record(office, "salvador")
    with office.connect("owner") as owner:
        told = owner.execute("SELECT event FROM ledger WHERE event LIKE 'contact %' ORDER BY id").fetchall()
    assert told == [("contact joined",), ("contact parted",)]


def test_a_joined_contact_that_comes_with_a_new_phone_stays_joined_by_its_id(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent", sis_id="c-9")
    salvador(office)
    approves(office, "salvador")
    office.change("UPDATE contact SET ended_at = now() WHERE sourced_id = 'salvador'")
    row(office, "salvador/new", name=SALVADOR, relation="Parent", sis_id="c-9", phone="555 010 0160")
    assert lines(office) == [] and is_on_record(office, "salvador")


def test_the_address_of_a_contact_who_is_another_adult_puts_no_one_on_record(office: School) -> None:
    """Two brothers share the address. The office said that the contact is Salvador, so it no longer vouches for Luis."""
    row(office, "salvador", name=SALVADOR, relation="Parent", **HOUSE)
    register(office, "luis", "Luis", "Márquez", relation="father")
    prove(office, "luis", HOUSE["email"])
    assert is_on_record(office, "luis")
    salvador(office)
    assert approves(office, "salvador") == "approved" and is_on_record(office, "salvador")
    assert not is_on_record(office, "luis") and not vouched(office, "luis")


def test_the_address_of_a_contact_who_was_separated_puts_no_one_on_record(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent", **HOUSE)
    salvador(office)
    prove(office, "salvador", HOUSE["email"])
    approves(office, "salvador")
    assert is_on_record(office, "salvador") and vouched(office, "salvador")
    assert says(office, "part", join_of(office)) == "undone"
    assert not is_on_record(office, "salvador") and not vouched(office, "salvador")
    assert says(office, "join", identity("salvador"), person_of(office, "salvador")) == "joined" and is_on_record(office, "salvador")


def test_the_address_of_a_contact_who_has_access_puts_no_one_else_on_record(office: School) -> None:
    row(office, "lou", person="lou", relation="Uncle", **HOUSE)
    register(office, "luis", "Luis", "Márquez", relation="father")
    prove(office, "luis", HOUSE["email"])
    tie(office, "lou", "nina")
    assert not is_on_record(office, "luis")
    office.change("UPDATE tie SET kind = 'tutor' WHERE adult_id = %s", office.ids["lou"])
    assert is_on_record(office, "luis"), "a tutor is let in as a tutor, and not as the contact"
    office.change("UPDATE tie SET kind = 'parent', state = 'ended' WHERE adult_id = %s", office.ids["lou"])
    assert is_on_record(office, "luis")


def test_a_join_of_another_contact_or_an_undone_join_leaves_the_contact_unclaimed(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent", **HOUSE)
    row(office, "quin", name="Quin Ash", relation="Neighbor")
    register(office, "luis", "Luis", "Márquez", relation="father")
    prove(office, "luis", HOUSE["email"])
    for contact, ended in (("quin", None), ("salvador", "now")):
        office.change("INSERT INTO contact_join (contact_id, person_id, how, ended_at) SELECT id, %s, 'office', %s FROM contact WHERE sourced_id = %s",
                      office.ids["lou"], ended, contact)  # fmt: skip
        assert is_on_record(office, "luis"), contact


@pytest.mark.parametrize(("of_row", "of_person", "proven", "then"), [
    ("", "luis@mail.example", "luis@mail.example", True), ("", "lou@mail.example", "luis@mail.example", False),
    ("lou@mail.example", "luis@mail.example", "luis@mail.example", False), ("", "lou@mail.example", "", False),
])  # fmt: skip
def test_the_persons_address_counts_where_the_row_has_none(office: School, of_row: str, of_person: str, proven: str, then: bool) -> None:
    """An empty address doesn't match another empty one."""
    row(office, "lou", person="lou", relation="Uncle", email=of_row)
    put_with_person(office, "lou", of_person)
    register(office, "luis", "Luis", "Márquez", relation="father")
    prove(office, "luis", proven)
    assert is_on_record(office, "luis") is then
    office.change("UPDATE contact SET ended_at = now() WHERE sourced_id = 'lou'")
    assert not is_on_record(office, "luis")


@pytest.mark.parametrize("place", ["the approval", "the student's page"])
def test_killed_while_contacts_are_joined_nothing_is_and_once_more_joins_once(office: School, place: str) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    if place == "the approval":
        join: Callable[[], object] = partial(approves, office, "salvador")
    else:
        assert approves(office) == "approved"
        whom = person_of(office, "salvador")
        join = partial(looked, office, "carl", "adults", identity("nina"), "SELECT join_contact(%s, %s, %s)", identity("nina"), identity("salvador"), whom)
    before = state(office)
    killed(office, join)
    assert state(office) == before and joins(office) == [] and not is_on_record(office, "salvador")
    assert join() in ("approved", "joined")
    assert joins(office) == [("salvador", office.ids["salvador"], "office")] and sees(office, "salvador") and lines(office) == []
    assert state(office)[1:] == ("approved", 1, 1 if place == "the student's page" else 0)


def killed(school: School, join: Callable[[], object]) -> None:
    """Kills a process that joins, after it wrote the row and before the commit."""
    school.change(SLOWLY)
    school.change("CREATE TRIGGER slowly AFTER INSERT ON contact_join FOR EACH ROW EXECUTE FUNCTION slowly()")
    worker = multiprocessing.get_context("fork").Process(target=join)
    worker.start()
    with school.server.connect("postgres", "postgres", autocommit=True) as admin:
        while admin.execute(SLEEPS, [school.database]).fetchone() != (1,):
            assert worker.is_alive()
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        admin.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s AND wait_event = 'PgSleep'", [school.database])
    school.change("DROP TRIGGER slowly ON contact_join")


def state(school: School) -> tuple[object, ...]:
    """Returns joins (ended or not), the request's state, Salvador's access, and the access log's entries about joins."""
    with school.connect("owner") as owner:
        return owner.execute(STATE, [school.ids["salvador"]]).fetchone() or ()


def test_one_restricted_and_one_not_are_not_joined_nor_what_a_restriction_covers_separated(office: School) -> None:
    row(office, "gus", person="gus", relation="Father")
    row(office, "lou", person="lou", relation="Uncle")
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    assert says(office, "join", identity("lou"), identity("gus")) == "join barred"
    office.change("UPDATE restriction SET student_id = %s", office.ids["max"])
    assert says(office, "join", identity("lou"), identity("gus")) == "joined"
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    assert lines(office) == []
    assert says(office, "part", join_of(office)) == "part barred" and lines(office) == []


def test_a_restriction_on_the_person_behind_both_contacts_does_not_block_a_join(office: School) -> None:
    row(office, "gus", person="gus", relation="Father")
    for name in ("zoe", "quin"):
        row(office, name, name=f"G. {name}", relation="Father")
    assert says(office, "join", identity("zoe"), identity("gus")) == "joined"
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    assert says(office, "join", identity("zoe"), identity("quin")) == "joined" and lines(office) == []


def test_joined_with_a_confidential_contact_both_are_and_are_not_separated(office: School) -> None:
    row(office, "quin", name="Quin Ash", relation="Aunt", is_confidential=True)
    row(office, "zoe", name="Zoe Stone", relation="Aunt")
    assert len(lines(office)) == 1
    assert says(office, "join", identity("zoe"), identity("quin")) == "joined" and lines(office) == []
    assert says(office, "part", join_of(office)) == "part hidden" and lines(office) == []


def test_an_adult_under_challenge_cannot_be_put_on_record_meanwhile(office: School) -> None:
    """One administrator can restore access of an adult in the record. For others a second approval is needed."""
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    approves(office)
    tie(office, "dee", "nina")
    account = person_of(office, "salvador")
    office.change("UPDATE tie SET uuid = %s WHERE adult_id = %s", identity("tie/salvador/nina"), office.ids["salvador"])
    assert challenge(office, "dee", "tie/salvador/nina") == "sent"
    assert says(office, "join", identity("salvador"), account) == "join challenged" and not is_on_record(office, "salvador")


def test_two_who_have_access_are_not_one_person(office: School) -> None:
    row(office, "lou", person="lou", relation="Uncle")
    tie(office, "lou", "nina")
    tie(office, "dee", "nina")
    assert says(office, "join", identity("lou"), identity("dee")) == "join tied"


def test_a_tutor_is_joined_with_no_contact(office: School) -> None:
    row(office, "lou", name="D. Moss", relation="Uncle")
    tie(office, "dee", "nina")
    for kind, then in (("tutor", []), ("parent", [("lou", office.ids["dee"], "office")])):
        office.change("UPDATE tie SET kind = %s WHERE adult_id = %s", kind, office.ids["dee"])
        says(office, "join", identity("lou"), identity("dee"))
        assert joins(office) == then


def test_no_one_joins_contacts_of_another_child_or_without_a_view_of_this_one(office: School) -> None:
    father_and_son(office)
    row(office, "leo's", "leo", name=SALVADOR, relation="Uncle")
    assert says(office, "join", identity("salvador/son")) == "join name"
    place = f"/office/ties/{identity('nina')}"
    sent = {"act": "join", "of": str(identity("salvador/son")), "whom": str(identity("leo's"))}
    assert Browser("carl", "staff").post(f"{place}/apart", sent).status == 404
    assert Browser("rosa", "staff").post(f"{place}/apart", sent | {"whom": str(identity("salvador/father"))}).status in (403, 404)
    assert len(lines(office)) == 2


def test_an_administrator_joins_no_contact_with_the_mother_of_his_own_child(office: School) -> None:
    row(office, "zoe", name="Zoe Stone", relation="Aunt")
    tie(office, "dee", "nina")
    tie(office, "carl", "max")
    sent = {"act": "join", "of": str(identity("zoe")), "whom": str(identity("dee"))}
    assert Browser("carl", "staff").post(f"/office/ties/{identity('nina')}/apart", sent).status == 404
    assert joins(office) == []


def test_a_join_with_a_contact_of_another_child_does_not_make_two_people_one(office: School) -> None:
    """Gus, who has a restriction, is a contact of both. The tables allow such a row, but no page makes one."""
    for key, child in (("gus", "nina"), ("leo's gus", "leo")):
        row(office, key, child, person="gus", relation="Uncle")
    row(office, "zoe", name="Zoe Stone", relation="Aunt")
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    office.change("""INSERT INTO contact_join (contact_id, other_id, how) SELECT c.id, o.id, 'office' FROM contact c, contact o
        WHERE c.sourced_id = 'zoe' AND o.sourced_id = 'leo''s gus'""")
    assert lines(office) == [["Zoe Stone", "Aunt"]]

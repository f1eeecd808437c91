"""An office finds people by the beginnings of their names. Accents don't matter, an index is used, and no name is in an address."""


import pytest

from homeroom.portal.access.protect import ROOMS
from homeroom.portal.membership.tests.acting import ask, listed
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PEOPLE = "SELECT array_agg(name ORDER BY name) FROM people_to_print_for()"
STAFF = "SELECT array_agg(name ORDER BY name) FROM staff_found(%s)"
MORE = """INSERT INTO person (sourced_id, given_name, family_name, is_student, is_staff) VALUES
    ('x1', 'José', 'Núñez García', true, false), ('x2', 'Zoë', 'O’Brien-Smith', false, true), ('x3', 'LÉA', 'Łukasz', false, true)"""


@pytest.fixture
def office(own_school: School) -> School:
    own_school.change(MORE)
    return own_school


@pytest.mark.parametrize(("typed", "found"), [
    (["nunez"], ["José Núñez García"]), (["NÚÑEZ", "jos"], ["José Núñez García"]), (["garcia"], ["José Núñez García"]), (["obri"], ["Zoë O’Brien-Smith"]),
    (["O'Brien"], ["Zoë O’Brien-Smith"]), (["smith", "zoe"], ["Zoë O’Brien-Smith"]), (["lukasz"], ["LÉA Łukasz"]), (["lea"], ["LÉA Łukasz"]),
    (["unez"], None), (["jose", "smith"], None), ([], None), (["'", "& |", "!:*"], None), (["n"], None),
])  # fmt: skip
def test_carl_types_a_name_as_an_office_does(office: School, typed: list[str], found: list[str] | None) -> None:
    assert listed(office, "carl", "codes", PEOPLE, words=" ".join(typed)) == found


def test_staff_are_found_in_the_same_way_and_no_one_else_is(office: School) -> None:
    assert ask(office, "carl", STAFF, ["zoe obrien"]) == ["Zoë O’Brien-Smith"]
    assert ask(office, "carl", STAFF, ["nunez"]) is None


COUNTED = "CREATE OR REPLACE FUNCTION {} LANGUAGE sql VOLATILE AS $$ SELECT {} $$"
ONE_BY_ONE = "w, 'staff' FROM unnest(among) w WHERE nextval('public.asked') > 0"
PRINTABLE = COUNTED.format("printable(among integer[]) RETURNS TABLE (who integer, on_side text)", ONE_BY_ONE)
DECIDED = COUNTED.format("may_decide_about(subject integer) RETURNS boolean", "nextval('public.asked') > 0")


@pytest.mark.parametrize(("statement", "rule"), [(PEOPLE, PRINTABLE), (STAFF, DECIDED)])
def test_twenty_of_a_thousand_people_who_match_a_name_are_checked(office: School, statement: str, rule: str) -> None:
    office.change("""INSERT INTO person (sourced_id, given_name, family_name, is_student, is_staff)
                     SELECT 'm' || n, 'Mara', 'Moreno ' || n, false, true FROM generate_series(1, 1000) n""")
    office.change("CREATE SEQUENCE asked")
    office.change(rule)
    if statement == PEOPLE:  # the view asks first, and then the page
        found, times = listed(office, "carl", "codes", PEOPLE, words="mar mor"), 40
    else:
        found, times = ask(office, "carl", STAFF, ["mar mor"]), 20
    assert len(found) == 20
    with office.connect("owner") as owner:
        assert owner.execute("SELECT last_value FROM asked").fetchone() == (times,)


def test_the_name_search_repeats_the_expression_of_the_index(office: School) -> None:
    """A different expression would find the same rows, but would read every row."""
    migration = (ROOMS / "roster/migrations/0004_person_names.py").read_text()
    expression = migration.split("USING gin (")[1].split(')"""')[0]
    names = ("given_name", "family_name", "preferred_given_name", "preferred_family_name")
    asked = (ROOMS / "access/names/rules.sql").read_text()
    for name in sorted(names, key=len, reverse=True):
        asked = asked.replace(f"p.{name}", name)
    assert "".join(f"{expression}@@".split()) in "".join(asked.split())
    with office.connect("owner") as owner:
        owner.execute("SET enable_seqscan = off")
        plan = owner.execute(f"EXPLAIN SELECT id FROM person WHERE {expression} @@ names_begin('nunez')".encode()).fetchall()
    assert any("person_names" in line for (line,) in plan)


def test_a_name_in_the_url_finds_no_one(office: School) -> None:
    carl = Browser("carl", "staff")
    for page in ("/office/administrators", "/office/duties"):
        assert "Bo Larsen" not in carl.open(f"{page}?name=lars").words
        assert "Bo Larsen" in carl.post(page, {"name": "lars"}).words
    place = f"/office/substitutes/new/{identity('rosa')}"
    assert "Algebra 1" not in carl.open(f"{place}?school={identity('middle')}&words=larsen").words
    assert "Algebra 1" in carl.post(place, {"school": str(identity("middle")), "words": "larsen", "find": "1"}).words


def test_no_form_of_the_office_puts_what_is_typed_into_an_address(office: School) -> None:
    carl = Browser("carl", "staff")
    for page in ("/office/administrators", "/office/duties", "/office/codes", f"/office/substitutes/new/{identity('rosa')}"):
        assert {form.get("method") for form in carl.open(page).find("form")} == {"post"}, page


def test_an_adult_whose_access_to_a_child_of_the_school_ended_no_longer_belongs_to_the_school(own_school: School) -> None:
    people = "SELECT array_agg(w) FROM people_of_schools(%s, %s) w"
    for then in ([own_school.ids["dee"]], None):
        with own_school.connect("owner") as owner:
            assert owner.execute(people, [[own_school.ids["dee"]], [own_school.ids["middle"]]]).fetchone() == (then,)
        own_school.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s", own_school.ids["dee"])

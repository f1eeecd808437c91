"""The rules have floors. A function calls only lower floors and its own room."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from homeroom.portal.access.protect import FILES, FLOORS, KINDS, ROOMS
from tests.house.floors import (
    LEVEL,
    Home,
    calls,
    cycles,
    home_of,
    homes,
    tables,
    things,
    twice,
    unused,
    with_fired,
    wrong_calls,
)
from tests.school import School

Owner = psycopg.Connection[Any]
# Functions that triggers call again by writing, with the reason why that ends.
ENDS: dict[frozenset[str], str] = {
    frozenset(
        {"stop_tutor", "end_what_rests_on_consent"}
    ): "each turn ends a tie, and a tie that has ended is not ended again",
    frozenset(
        {"settle_age", "end_what_rests_on_consent", "stop_tutor", "keep_of_age"}
    ): "keep_of_age() leaves ended ties as they are",
    frozenset(
        {"settle_age", "end_what_rests_on_consent", "stop_tutor", "keep_of_age", "pass_rights_if_due", "pass_rights"}
    ): "rights that have passed are not due, and ended ties stay as they are",
}


@pytest.fixture
def owner(school: School) -> Iterator[Owner]:
    """Yields a connection, and rolls back what a test makes up."""
    with school.connect("owner") as connection:
        yield connection
        connection.rollback()


def graph_of(owner: Owner) -> dict[str, set[str]]:
    return calls(things(owner))


def functions_of(owner: Owner) -> list[str]:
    return [thing.name for thing in things(owner) if thing.what == "function"]


def test_every_folder_with_rules_is_on_one_floor() -> None:
    """Files of a folder that no floor names would not be loaded."""
    rooms = [room for floor in FLOORS.values() for room in floor.split()]
    assert len(rooms) == len(set(rooms))
    assert {str(path.relative_to(ROOMS)) for path in ROOMS.rglob("*.sql")} == set(FILES)
    assert [name for name in FILES if not re.fullmatch(rf"[a-z_/]+/({'|'.join(KINDS)})(_[a-z]+)?\.sql", name)] == []


def test_every_function_view_trigger_and_policy_has_a_file(owner: Owner) -> None:
    places, known = homes(), things(owner)
    assert len(known) > 500
    assert [
        thing.name for thing in known if thing.name not in places and thing.name.split(" on ")[0] not in places
    ] == []


def test_no_call_goes_upward_or_sideways(owner: Owner) -> None:
    assert list(wrong_calls(graph_of(owner), homes())) == []


def test_no_function_calls_itself_by_way_of_others(owner: Owner) -> None:
    assert cycles(graph_of(owner)) == []


def test_triggers_form_a_cycle_only_where_it_is_known_to_end(owner: Owner) -> None:
    known = things(owner)
    found = {frozenset(way) for way in cycles(with_fired(known, calls(known)))}
    assert found == set(ENDS)


def test_every_function_is_called_by_something(owner: Owner) -> None:
    assert unused(owner, graph_of(owner), functions_of(owner)) == []


def test_no_rule_is_written_twice(owner: Owner) -> None:
    assert twice(owner) == []


def test_a_file_holds_functions_of_its_kind() -> None:
    """Reads the files, because protect() makes every function VOLATILE that app may execute."""
    for name in FILES:
        kind = re.split(r"[_.]", name.rpartition("/")[2])[0]
        for head in re.findall(r"^CREATE FUNCTION .*?\sAS \$\$", (ROOMS / name).read_text(), re.MULTILINE | re.DOTALL):
            function = head.split("(")[0]
            assert ("RETURNS trigger" in head) == (kind == "triggers"), f"{function} in {name}"
            assert kind != "rules" or re.search(r"\b(STABLE|IMMUTABLE)\b", head), (
                f"{function} in {name} may change something"
            )
            assert kind != "acts" or re.search(r"\bVOLATILE\b", head), f"{function} in {name} changes nothing"


def test_every_table_has_a_room(owner: Owner) -> None:
    there = owner.execute("""SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT starts_with(relname, 'procrastinate_') AND relname <> 'django_migrations'""").fetchall()
    assert {name for (name,) in there} == set(tables())


def test_a_trigger_is_in_the_room_of_its_table(owner: Owner) -> None:
    """Or it is next to its function, if that is in a room on the same floor or above. Tables know nothing above them."""
    places, rooms, graph, triggers = homes(), tables(), graph_of(owner), triggers_of(owner)
    for name, called in graph.items():
        if " on " in name and (table := name.split(" on ")[1]) and name.split(" on ")[0] in triggers:
            above = {places[other].room for other in called if places[other].room != rooms[table]
                     and places[other].level >= LEVEL[rooms[table]]}  # fmt: skip
            assert home_of(name, places).room in (above or {rooms[table]}), name


def triggers_of(owner: Owner) -> set[str]:
    return {thing.name.split(" on ")[0] for thing in things(owner) if thing.what == "trigger"}


# ── The tests above notice faults: each test here makes one up, and rolls it back ──
HEAD = "CREATE FUNCTION made_up() RETURNS {} STABLE AS $$"
BELOW = Home("access/standing", "rules")
# The made-up part, its place, and what the test says.
MADE_UP = {
    "upward": (
        HEAD.format("bigint LANGUAGE sql") + " SELECT look(NULL, 'home', NULL) $$",
        BELOW,
        r"made_up calls upward: access/standing → access/request \(look\)",
    ),
    "sideways": (
        HEAD.format("integer[] LANGUAGE sql") + " SELECT people_now(1, 'family') $$",
        Home("door", "rules"),
        r"made_up calls sideways: door → access/reach \(people_now\)",
    ),
    "to a later kind": (
        HEAD.format("void LANGUAGE plpgsql") + " BEGIN PERFORM propose('x', NULL, NULL, NULL, ''); END $$",
        Home("membership/two_people", "rules"),
        "made_up calls propose, of a later kind: rules → acts",
    ),
    "in a statement that is built": (
        HEAD.format("void LANGUAGE plpgsql") + " BEGIN EXECUTE format('SELECT look(%L, ''home'', NULL)', 'x'); END $$",
        BELOW,
        r"made_up calls upward: .*\(look\)",
    ),
    "in a string for another function": (
        HEAD.format("text LANGUAGE plpgsql") + " BEGIN RETURN 'SELECT look(NULL, NULL, NULL)'; END $$",
        BELOW,
        r"made_up calls upward: .*\(look\)",
    ),
    "by a default": (
        "CREATE FUNCTION made_up(entry bigint DEFAULT look(NULL, 'home', NULL)) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 1 $$",
        BELOW,
        r"made_up calls upward: .*\(look\)",
    ),
    "by a view": (
        "CREATE VIEW made_up AS SELECT full_name(p) FROM person p",
        BELOW,
        r"made_up calls upward: .*\(full_name\)",
    ),
    "by a policy": (
        "CREATE POLICY made_up ON person FOR SELECT TO app USING (look(NULL, 'home', NULL) > 0)",
        Home("roster", "policies"),
        r"made_up on person calls upward: .*\(look\)",
    ),
    "by a trigger": (
        "CREATE TRIGGER made_up AFTER UPDATE ON tie FOR EACH ROW EXECUTE FUNCTION close_what_rests_on_tie()",
        Home("membership/ties", "triggers"),
        r"made_up on tie calls upward: .*\(close_what_rests_on_tie\)",
    ),
    "by the condition of a trigger": (
        "CREATE TRIGGER made_up AFTER UPDATE ON session FOR EACH ROW WHEN (shutness('') > 0) EXECUTE FUNCTION end_staff_sessions()",
        Home("door", "triggers"),
        r"made_up on session calls upward: .*\(shutness\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE_UP)
def test_a_call_that_is_made_up_is_noticed(owner: Owner, name: str) -> None:
    statement, home, said = MADE_UP[name]
    owner.execute(statement.encode())
    places = {key: value for key, value in homes().items() if not key.startswith("made_up")} | {"made_up": home}
    assert [line for line in wrong_calls(graph_of(owner), places) if not re.match(said, line)] == []
    assert re.match(said, "\n".join(wrong_calls(graph_of(owner), places)))


def test_a_call_downward_is_none(owner: Owner) -> None:
    owner.execute(
        HEAD.format("text LANGUAGE sql") + " SELECT full_name(p) FROM person p -- and look(), in a comment\n $$"
    )
    assert list(wrong_calls(graph_of(owner), homes() | {"made_up": Home("roster", "reading")})) == []


def alone(owner: Owner) -> list[str]:
    return unused(owner, graph_of(owner), functions_of(owner))


NOTICED: dict[str, tuple[str, Callable[[Owner], Any], Any]] = {
    "a cycle": (
        """CREATE FUNCTION made_up(n integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN made_too(n); END $$;
           CREATE FUNCTION made_too(n integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN made_up(n); END $$""",
        lambda owner: cycles(graph_of(owner)),
        [["made_too", "made_up"]],
    ),
    "a cycle by writing": (
        """CREATE FUNCTION made_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE news_item SET title = ''; RETURN NULL; END $$;
           CREATE TRIGGER made_up AFTER UPDATE ON news_item FOR EACH ROW EXECUTE FUNCTION made_up()""",
        lambda owner: [way for way in cycles(with_fired(things(owner), graph_of(owner))) if frozenset(way) not in ENDS],
        [["made_up"]],
    ),
    "a function that nothing calls": ("CREATE FUNCTION made_up() RETURNS integer LANGUAGE sql AS 'SELECT 1'", alone, ["made_up"]),
    "the same rule by another name": (
        """CREATE FUNCTION made_up(who integer, whom integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
           BEGIN RETURN EXISTS (SELECT FROM restriction -- in other words
             WHERE person_id = who AND student_id = whom AND start_date <= today() AND (end_date IS NULL OR end_date > today()));
           END $$""",
        twice,
        [{"is_restricted", "made_up"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTICED)
def test_a_made_up_flaw_is_noticed(owner: Owner, name: str) -> None:
    statement, look, found = NOTICED[name]
    owner.execute(statement.encode())
    assert look(owner) == found

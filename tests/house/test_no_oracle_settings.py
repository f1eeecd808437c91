"""No session setting makes a function reveal more, answer differently, or count less.

The login `app` may change 150 settings. Each is set to odd values, and so are the proof and the view.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.database import Server
from tests.house.oracle import Call, Caller, Pair, tell_nothing
from tests.house.oracle_calls import answered, few, functions
from tests.house.oracle_databases import ASKERS, NOBODY, Asker, Databases, claim_of, four_databases, view_of
from tests.house.oracle_settings import HOW_IT_IS_WRITTEN, MALFORMED, Setting, settings
from tests.school import School

HIDDEN = ("kai", "ada")
TALK = "SET LOCAL client_min_messages = debug1"
ANA, BO, CARL = ASKERS[0], next(asker for asker in ASKERS if asker.person == "bo"), ASKERS[-1]


@pytest.fixture(scope="module")
def databases(postgres: Server, cast_template: tuple[str, dict[str, int]]) -> Iterator[Databases]:
    yield from four_databases(postgres, cast_template)


def one_call_each(school: School, asker: Asker) -> list[Call]:
    with Caller(school) as caller:
        return [next(few(function, school, asker, HIDDEN)) for function in functions(caller)]


@pytest.mark.parametrize("asker", [NOBODY, ANA], ids=str)
def test_no_setting_makes_a_function_tell(databases: Databases, asker: Asker) -> None:
    """Tries each value that a login may give to a setting. Messages go to the client."""
    calls = one_call_each(databases.plain, asker)
    told: list[str] = []
    with databases.asked_by(asker, with_view=asker.view is not None) as (pair, claim):
        every = list(settings(pair.callers[0]))
        assert len({setting.name for setting in every}) > 150
        for setting in every:
            heard = [] if setting.name == "client_min_messages" else [TALK]
            told += [f"{setting}: {difference}" for difference in pair.differences([setting.set(), *heard, *claim], calls)]
    tell_nothing(told)


@pytest.mark.parametrize("asker", [ANA, BO, CARL], ids=str)
def test_no_setting_changes_what_a_function_answers(databases: Databases, asker: Asker) -> None:
    """Compares rows and errors with those of a session that sets nothing."""
    claim = claim_of(asker, databases.views[asker.person])
    calls = list(answered(databases.plain, claim, asker.proof, "nina"))
    assert len(calls) > 10
    asked = [Call(call, f"SELECT * FROM {call}") for call in calls]
    told = []
    with Caller(databases.plain) as caller:
        alone = Pair((caller,))
        usual, in_binary = alone.answers([claim], asked)[0], binary(caller, Setting("application_name", "usual"), claim, calls)
        for setting in settings(caller):
            if setting.is_number and asker is CARL:
                continue  # costs and sizes, since an office has long lists
            if setting.name in HOW_IT_IS_WRITTEN:
                found, before = binary(caller, setting, claim, calls), in_binary
            else:
                found, before = alone.answers([setting.set(), claim], asked)[0], usual
            if is_in_force(found):
                told += [f"{setting}: {call}" for call, new, old in zip(calls, found, before, strict=True) if new != old]
    tell_nothing(told)


def is_in_force(answers: list[Any]) -> bool:
    """Says whether the value is in force. If PostgreSQL refuses it, every answer is that error."""
    return bool(answers) and not (str(answers[0]).startswith("error") and len(set(map(str, answers))) == 1)


def binary(caller: Caller, setting: Setting, claim: str, calls: list[str]) -> list[list[Any]]:
    """Returns rows in the server's binary form, since a client may choose how dates and numbers are written. Returns [] if the value is refused."""
    app = caller.connection
    try:
        with app.transaction(force_rollback=True):
            app.execute(setting.set().encode())
            app.execute(claim.encode())
            found = [app.execute(f"SELECT f FROM {call} f".encode(), binary=True).pgresult for call in calls]
            return [[result.get_value(row, 0) for row in range(result.ntuples)] for result in found if result]
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject, psycopg.errors.InsufficientPrivilege, psycopg.errors.ActiveSqlTransaction):
        return []


def test_a_malformed_proof_is_no_proof_and_a_malformed_view_is_no_view(databases: Databases) -> None:
    """For every value, the answer is that of someone not signed in, or that of a person without a view."""
    calls = one_call_each(databases.plain, NOBODY)
    for setting, asker in (("homeroom.proof", NOBODY), ("homeroom.look", ANA)):
        with databases.asked_by(asker) as (pair, claim):
            usual = pair.answers(claim, calls)
            for value in MALFORMED:
                found = pair.answers([*claim, f"SELECT set_config('{setting}', '{value}', true)"], calls)
                wrong = [call.name for call, *answers in zip(calls, *usual, *found, strict=True) if answers[:2] != answers[2:]]
                assert wrong == [], f"{setting} = {value[:30]!r}"


def test_no_setting_lifts_the_cap(own_school: School) -> None:
    """A time zone moved the hour in which views are counted. No setting of the session may do that."""
    own_school.change("""UPDATE district SET caps = '{"family": 3}'""")
    assert [view_of(own_school, ANA) > 0 for _ in range(4)] == [True, True, True, False]
    zones = [f"SET TimeZone = '<x>-{hour:02}:{minute:02}'" for hour in (0, 5, 11) for minute in range(0, 60, 7)]
    call = Call("look", rf"SELECT look('\x{ANA.proof}', 'child', '{own_school.uuid('nina')}') > 0")
    lifted = []
    with Caller(own_school) as caller:
        for statement in [*zones, *(setting.set() for setting in settings(caller))]:
            caller.send([statement], [call])
            if "row: t" in caller.receive([call])[0]:
                lifted.append(statement)
    assert lifted == []

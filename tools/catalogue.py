"""The first questions about a grant, a policy or a trigger: the checks that the house tests make for all of them, on the connection that has the mutant."""

from typing import Any

import psycopg

from tests.house.expected import VERBS
from tests.house.test_app_functions import MAY_CALL, may_call
from tests.house.test_images import WITHOUT_IMAGES, without_images
from tests.house.test_tables import without_a_policy
from tests.house.test_verbs import COLUMNS, unlike_verbs
from tools.mutants import GRANT, POLICY, TRIGGER, Mutant

CATALOGUE = "catalogue:"
CALLS, TABLES, POLICIES, IMAGES = f"{CATALOGUE}calls", f"{CATALOGUE}tables", f"{CATALOGUE}policies", f"{CATALOGUE}images"


def of_kind(mutant: Mutant) -> list[str]:
    """Returns the labels of the questions about a mutant."""
    if mutant.kind == GRANT:
        login = mutant.taken.rpartition(" ")[2]
        asked = f"{CALLS} {login}" if mutant.taken.startswith("EXECUTE") else f"{TABLES} {login} {mutant.function}"
        return [asked] if login in VERBS else []
    return {POLICY: [POLICIES], TRIGGER: [IMAGES]}.get(mutant.kind, [])


def differences(connection: psycopg.Connection[Any], label: str) -> list[str]:
    """Returns the differences between the database's catalog and the written lists. `connection` is a superuser's."""
    what, *words = label.split()
    if what == CALLS:
        return sorted(may_call(connection, words[0]) ^ set(MAY_CALL[words[0]].split()))
    if what == TABLES:
        login, table = words
        columns = {name: column for name, column in connection.execute(COLUMNS) if name == table}
        connection.execute(f"SET LOCAL ROLE {login}".encode())
        return unlike_verbs(connection, login, columns)
    return sorted(map(str, without_a_policy(connection) if what == POLICIES else without_images(connection) ^ set(WITHOUT_IMAGES)))

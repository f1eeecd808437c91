"""Support people whom administrators may let in. An operator names, lists and ends them by command."""

from collections.abc import Iterator

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.portal.letters.code import digest, typed
from tests.ops.portal import answered, homeroom, installation, running

KIM = {"name": "Kim Vo", "registered": False, "until": None}  # named at `portal create`


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, running(made):
        yield made


def test_a_supporter_is_added_with_a_code_and_is_listed_and_ended(lincoln: Installation) -> None:
    folder = ("--folder", str(lincoln.folder))
    made = answered("portal", "support", "add", "lincoln", "Sol  Park", *folder)
    code = typed(made["code"])
    assert made["name"] == "Sol Park" and code
    assert answered("portal", "support", "list", "lincoln", *folder) == [KIM, {"name": "Sol Park", "registered": False, "until": None}]
    for odd, told in (("Sol", "first and family name"), ("sol park", "named here already")):
        assert told in homeroom("portal", "support", "add", "lincoln", odd, *folder).stderr
    with owner(lincoln.portal("lincoln")) as connection:
        assert connection.execute("SELECT name FROM supporter_of_code(%s)", [digest(code)]).fetchone() == ("Sol Park",)
    assert "no longer support" in homeroom("portal", "support", "end", "lincoln", "sol park", *folder).stdout
    assert answered("portal", "support", "list", "lincoln", *folder) == [KIM]
    with owner(lincoln.portal("lincoln")) as connection:
        events = connection.execute("SELECT event, capacity FROM ledger WHERE event LIKE 'supporter%' ORDER BY id").fetchall()
        assert connection.execute("SELECT name FROM supporter_of_code(%s)", [digest(code)]).fetchone() is None
    assert events == [("supporter added", "operator")] * 2 + [("supporter ended", "operator")]

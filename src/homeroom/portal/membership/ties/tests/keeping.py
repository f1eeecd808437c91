"""Carl acts on the page of one student. Each act follows a committed view, as in the web process."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from homeroom.portal.membership.tests.acting import appoint, newest, second
from tests.cast import identity
from tests.school import School, proof_of

TODAY = "SELECT today()"


def at(school: School, who: str, statement: str, values: Sequence[Any] = (), *, child: str = "nina", act: str = "adults") -> Any:
    """Returns what the database answers this person as app on the student's page. Commits. It asks also if the view is refused."""
    with school.connect("app") as app:
        (entry,) = app.execute("SELECT look(%s, %s, %s)", [proof_of(who, "staff"), act, identity(child)]).fetchone() or (0,)
        app.commit()
        app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry or None])
        row = app.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def today(school: School) -> date:
    with school.connect("owner") as owner:
        row = owner.execute(TODAY).fetchone()
    assert row is not None
    return date.fromisoformat(str(row[0]))


def typed(school: School, days: int | None = None, **others: Any) -> dict[str, Any]:
    """Returns access as an office types it. `days` is how many days it lasts."""
    first = today(school)
    end = (first + timedelta(days)).isoformat() if days is not None else None
    said = {"given": "Fay", "family": "Oster", "basis": "placement", "start": first.isoformat(), "end": end, "proof": "in person", "rights": []}
    return said | {"views": ["grades", "attendance"]} | others


def set_tie(school: School, who: str = "carl", whom: str = "", kind: str = "foster caregiver", child: str = "nina", **said: Any) -> str:
    days = said.pop("days", None)
    values = [identity(child), identity(whom) if whom else None, kind, json.dumps(typed(school, days, **said))]
    return str(at(school, who, "SELECT set_tie(%s, %s, %s, %s::jsonb)", values, child=child))


def bar(school: School, who: str = "carl", whom: str = "dee", child: str = "nina", **said: Any) -> str:
    typed_too = {"basis": "court order", "paper": "Office, safe", "start": today(school).isoformat(), "given": "", "family": ""} | said
    return str(at(school, who, "SELECT bar(%s, %s, %s::jsonb)", [identity(child), identity(whom) if whom else None, json.dumps(typed_too)], child=child))


def close(school: School, who: str = "carl", child: str = "nina", basis: str = "safety", words: str = "Call the office.") -> str:
    return str(at(school, who, "SELECT close_to_parents(%s, %s, %s)", [identity(child), basis, words], child=child))


def agreed(school: School) -> str:
    """Pat, also an administrator, confirms the newest proposal."""
    appoint(school, "pat")
    assert newest(school)[1] == "waiting"
    return second(school, "pat")


def one(school: School, statement: str, *values: Any) -> Any:
    """Returns one value, read as the owner."""
    with school.connect("owner") as owner:
        row = owner.execute(statement.encode(), values).fetchone()
    return row[0] if row else None

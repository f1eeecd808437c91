"""Carl at the page of one student: each act after a look that is committed, as the web process does it."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from homeroom.portal.membership.tests.acting import appoint, newest, second
from tests.cast import identity
from tests.school import School, proof_of

TODAY = "SELECT today()"


def at(school: School, who: str, statement: str, values: Sequence[Any] = (), *, child: str = "nina", act: str = "adults") -> Any:
    """What app answers this person at this student's page; committed. Without a look, where there is none, the same is asked."""
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
    """A tie as the office types it; days: how many it lasts."""
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
    """Pat, an administrator too, says yes to what was proposed last."""
    appoint(school, "pat")
    assert newest(school)[1] == "waiting"
    return second(school, "pat")


def one(school: School, statement: str, *values: Any) -> Any:
    """As the owner reads it."""
    with school.connect("owner") as owner:
        row = owner.execute(statement.encode(), values).fetchone()
    return row[0] if row else None

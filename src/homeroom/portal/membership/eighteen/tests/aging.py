"""Nina's 18th birthday and its effect on the access of her mother Ana and of Jo. Rosa is the registrar of Lincoln Middle."""

from typing import Any

from homeroom.portal.membership.requests.tests.registering import office_of
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.school import School, proof_of

BORN = """INSERT INTO demographic (person_id, birth_date) SELECT %s, (today() + %s - interval '18 years')::date"""
MOVED = "UPDATE demographic SET birth_date = (today() + %s - interval '18 years')::date WHERE person_id = %s"
MAJORITY = "SELECT to_jsonb(m) || jsonb_build_object('in_days', m.effective_on - today()) FROM majority m WHERE student_id = %s"
TIE = "SELECT to_jsonb(t) FROM tie t WHERE uuid = %s"


def turning(school: School, days: int = 30, name: str = "nina") -> School:
    """Sets up the office of Lincoln Middle and a student whose 18th birthday is in `days` days. No one is challenged."""
    office_of(school)
    school.change("DELETE FROM paper_notice")
    school.change("DELETE FROM majority")
    school.change("UPDATE tie SET state = 'approved', relation = 'father' WHERE uuid = %s", identity("tie/jo/nina"))
    born(school, days, name)
    return school


def born(school: School, days: int, name: str = "nina") -> None:
    """Writes the record's birth date as a first file does."""
    school.change("DELETE FROM demographic WHERE person_id = %s", school.ids[name])
    school.change(BORN, school.ids[name], days)


def moved(school: School, days: int, name: str = "nina") -> None:
    """Changes the record's birth date as a later file does."""
    school.change(MOVED, days, school.ids[name])


def pass_days(school: School, days: int, name: str = "nina") -> None:
    """Lets this many days pass for this student."""
    school.change("ALTER TABLE demographic DISABLE TRIGGER birth_date_moved")
    school.change("UPDATE demographic SET birth_date = birth_date - %s WHERE person_id = %s", days, school.ids[name])
    school.change("ALTER TABLE demographic ENABLE TRIGGER birth_date_moved")
    sooner = "UPDATE majority SET of_birth_date = of_birth_date - %s, effective_on = effective_on - %s WHERE student_id = %s"
    school.change(sooner, days, days, school.ids[name])


def due(school: School) -> list[str]:
    """Does what is due, as the jobs process does."""
    done = []
    with school.connect("jobs", autocommit=True) as jobs:
        while (row := jobs.execute("SELECT next_birthday_due()").fetchone()) and row[0]:
            done.append(str(row[0]))
            assert len(done) < 100, "it never ends"
    return done


def of_age(school: School) -> School:
    """Makes Nina 18 today, announced 60 days ago."""
    turning(school, 60)
    due(school)
    pass_days(school, 60)
    due(school)
    return school


def majority(school: School, name: str = "nina") -> dict[str, Any] | None:
    return one(school, MAJORITY, school.ids[name])


def tie_of(school: School, which: str = "tie/ana/nina") -> dict[str, Any]:
    found = one(school, TIE, identity(which))
    assert found is not None
    return found


def rights(school: School, which: str = "tie/ana/nina") -> list[bool]:
    t = tie_of(school, which)
    return [t["may_consent"], t["may_correct"], t["may_challenge"]]


def one(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        row = owner.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def sees(school: School, who: str, child: str = "nina", side: str = "family") -> bool:
    """Returns whether a view of the child's page is granted."""
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'child', %s)", [proof_of(who, side), identity(child)]).fetchone() or (0,)
    return bool(entry > 0)


def record(school: School, numbers: list[str], act: str = "record", how: str = "tax return", until: Any = None, who: str = "rosa") -> Any:
    """Returns {number: reason} of the numbers that failed."""
    said = "SELECT coalesce(jsonb_object_agg(coalesce(number, ''), word), '{}') FROM record_dependence(%s, %s, %s, %s)"
    return ask(school, who, said, [act, numbers, how, until])


def lift(school: School, because: str = "court", how: str = "", which: str = "tie/ana/nina", who: str = "rosa") -> str:
    return str(ask(school, who, "SELECT lift_suspension_by_age(%s, %s, %s, NULL)", [identity(which), because, how]))


def agree(school: School, which: str = "tie/ana/nina", who: str = "nina", side: str = "student") -> str:
    return str(ask(school, who, "SELECT agree_at_18(%s)", [identity(which)], side=side))


def end_agreement(school: School, which: str = "tie/ana/nina") -> str:
    return str(ask(school, "nina", "SELECT end_agreement(%s)", [identity(which)], side="student"))


def confirm(school: School, says: str, who: str = "rosa") -> str:
    return str(ask(school, who, "SELECT confirm_birth_date(%s, %s)", [identity("nina"), says]))

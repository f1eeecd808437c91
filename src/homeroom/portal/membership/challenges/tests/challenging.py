"""Ana challenges adults with access to Nina: the state of each access, and what the database answers each person."""

import json
from typing import Any

from homeroom.portal.membership.requests.tests.registering import office_of
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.school import School, proof_of

TIE = """INSERT INTO tie (uuid, adult_id, student_id, kind, relation, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential, proof,
    state, approved_at) VALUES (%s, %s, %s, 'parent', 'father', today() - 9, '{grades,ledger}', true, true, true, %s, %s, 'approved', now())"""
PROVEN = "UPDATE tie SET proof = %s WHERE uuid = %s"


def family_of(school: School, proof: str = "claimed") -> School:
    """Sets up Nina's adults: Ana, checked in person, and Jo, with open access proven as given. No one is challenged."""
    office_of(school)
    school.change("UPDATE tie SET state = 'approved', proof = %s, relation = 'father' WHERE uuid = %s", proof, identity("tie/jo/nina"))
    return school


def tie(school: School, adult: str, child: str, proof: str = "in person", *, is_confidential: bool = False) -> None:
    school.change(TIE, identity(f"tie/{adult}/{child}"), school.ids[adult], school.ids[child], is_confidential, proof)


def challenge(
    school: School, who: str = "ana", whom: str = "tie/jo/nina", child: str = "nina", side: str = "family", reason: str = "stranger", words: str = ""
) -> str:
    return str(ask(school, who, "SELECT begin_challenge(%s, %s, %s, %s)", [identity(child), identity(whom), reason, words], side=side))


def newest(school: School) -> dict[str, Any]:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT to_jsonb(c) FROM challenge c ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return dict(row[0])


def state_of(school: School, which: str = "tie/jo/nina") -> str:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT state FROM tie WHERE uuid = %s", [identity(which)]).fetchone()
    assert row is not None
    return str(row[0])


def decide(school: School, act: str, who: str = "carl", how: str = "", why: str = "We know") -> str:
    return str(ask(school, who, "SELECT decide_challenge(%s, %s, %s, %s)", [newest(school)["uuid"], act, how, why]))


def write(school: School, thread: str, words: str, who: str = "carl") -> str:
    return str(ask(school, who, "SELECT write_in_challenge(%s, %s, %s)", [newest(school)["uuid"], thread, words]))


def sees(school: School, who: str, child: str = "nina") -> bool:
    """Returns whether a view of the child's page is granted, in the family role."""
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'child', %s)", [proof_of(who, "family"), identity(child)]).fetchone() or (0,)
    return bool(entry > 0)


def case(school: School, who: str = "carl", which: str = "") -> dict[str, Any] | None:
    """Returns the case as the page shows it after its view."""
    which = which or newest(school)["uuid"]
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'tie check', %s)", [proof_of(who, "staff"), which]).fetchone() or (0,)
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry])
        row = app.execute("SELECT challenge_shown(%s)::text", [which]).fetchone()
    return json.loads(row[0]) if row and row[0] else None


def due(school: School) -> list[str]:
    """Does what is due, as the jobs process does."""
    done = []
    with school.connect("jobs", autocommit=True) as jobs:
        while (row := jobs.execute("SELECT next_challenge_due()").fetchone()) and row[0]:
            done.append(str(row[0]))
            assert len(done) < 100, "it never ends"
    return done


def mails(school: School) -> list[tuple[str, str]]:
    """Returns kind and username of each waiting email, in order."""
    with school.connect("owner") as owner:
        return owner.execute("SELECT m.kind, a.sign_in_name FROM account_mail m JOIN account a ON a.id = m.account_id ORDER BY m.id").fetchall()


def give_address(school: School, name: str, side: str) -> None:
    school.change("""INSERT INTO mail_address (account_id, address, proven_at) SELECT id, sign_in_name || '@mail.example', now()
        FROM account WHERE sign_in_name = %s""", f"{name}.{side}")  # fmt: skip

"""`homeroom incident drill`: a made-up district in which a teacher's account was misused, so that people can practice an incident.

The portal is new, lives in a temporary folder, and has no mail relay. It knows no other portal. Each of its pages says that it is a drill.
"""

import hashlib
import secrets
from datetime import timedelta
from pathlib import Path

from homeroom.ops.answers import say
from homeroom.ops.demo.districts import build, feed, tell
from homeroom.ops.demo.own_export import running_told, temporary
from homeroom.ops.demo.plan import LINCOLN_DEMO
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.ops.host.running import await_end, stopped_by_sigterm
from homeroom.ops.incident.drills import STEPS, begin, end
from homeroom.ops.incident.recording import Who
from homeroom.ops.portal.moving import write_words
from homeroom.ops.steps import step

TEACHER = "bo.larsen"
SESSION = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)
    SELECT %s, id, person_id, side, %s, now() + interval '1 hour', true FROM account WHERE sign_in_name = %s RETURNING person_id"""
SIGN_IN = """SELECT note_event('sign in', 'done', id, 'password', %s, 'Firefox on Windows', in_session => %s) FROM account WHERE sign_in_name = %s"""
CLASSES = """SELECT s.uuid FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = %s AND e.role = 'teacher' AND e.ended_at IS NULL ORDER BY s.id"""


STEPS_DONE = """SELECT kind FROM incident_fact WHERE kind IN ('declared', 'counted', 'released')
    UNION SELECT what FROM incident_fact WHERE kind = 'stage' AND what = 'closed'"""


def run_drill(recorded: Path | None, who: Who) -> None:
    """Runs until Ctrl-C. `recorded` is the installation whose list of drills gets a line at the begin and one at the end. Raises NotDone."""
    line = begin(recorded, who) if recorded else 0
    steps = practice()
    if recorded:
        end(recorded, who, line, steps)
        say(f"Recorded as a drill: {', '.join(steps) or 'nothing'} done. `homeroom incident drills` lists all.")


def practice() -> list[str]:
    """Serves the district until Ctrl-C. Returns which steps people did. Raises NotDone."""
    with stopped_by_sigterm(), temporary("drill") as folder:
        installation = made(folder / "installation")
        with running_told(installation) as up:
            feed(installation, (LINCOLN_DEMO,))
            with step("someone uses a teacher's password"):
                opened = misuse(installation.portal(LINCOLN_DEMO.shape.slug))
            tell(installation)
            say(f"Someone who isn't Bo Larsen signed in as {TEACHER} and opened {opened} of his classes. Sign in as an administrator, and open Incidents.")
            await_end(up)
            return steps_done(installation.portal(LINCOLN_DEMO.shape.slug))


def steps_done(portal: Path) -> list[str]:
    """Reads which kinds of facts there are, and nothing else, in the order of a drill."""
    with owner(portal) as connection:
        done = {kind for (kind,) in connection.execute(STEPS_DONE)}
    return [step for step in STEPS if step in done]


def made(folder: Path) -> Installation:
    """Makes the district's portal and marks it as a drill."""
    installation = build(folder, (LINCOLN_DEMO,))
    write_words(installation.portal(LINCOLN_DEMO.shape.slug), {"drill": True})
    return installation


def misuse(portal: Path) -> int:
    """Opens each class of the teacher in a session that no one ended. Returns how many opened."""
    proof = secrets.token_bytes(32)
    with owner(portal) as connection:
        key = hashlib.sha256(proof).digest()
        row = connection.execute(SESSION, [key, timedelta(hours=1), TEACHER]).fetchone()
        assert row is not None
        connection.execute(SIGN_IN, [secrets.token_hex(16), key, TEACHER])
        classes = [uuid for (uuid,) in connection.execute(CLASSES, row)]
        entries = [connection.execute("SELECT look(%s, 'gradebook', %s)", [proof, each]).fetchone() for each in classes]
    return sum(1 for entry in entries if entry and entry[0] > 0)

"""Checks the database from outside with Debian's psql: what the pages' login may do, and what disks and logs contain."""

import json
import subprocess
import sys

from homeroom.ops.host.running import command
from tests.journeys.stage import Stage, names_in
from tests.journeys.tale import Tale

RECORDS = ("result", "attendance_mark", "person", "contact_detail", "tie", "ledger", "session", "credential")
FORBIDDEN = (
    ("takes the owner's role", "SET ROLE owner"),
    ("makes a table", "CREATE TABLE mine (a int)"),
    ("makes a temporary table", "CREATE TEMPORARY TABLE person (a int)"),
    ("writes a line into the ledger", "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 1)"),
    ("makes itself a tie", "INSERT INTO tie (adult_id) VALUES (1)"),
    ("reads accounts", "SELECT * FROM credential"),
    ("puts a job into the queue", "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('x', 'x')"),
)


def play(stage: Stage, tale: Tale) -> None:
    for table in RECORDS:
        allowed, told = stage.psql("lincoln", "app", f"SELECT count(*) FROM {table}")
        tale.line(f"app at psql counts {table}", told, not allowed)
    for deed, statement in FORBIDDEN:
        allowed, told = stage.psql("lincoln", "app", statement)
        tale.line(f"app at psql {deed}", told, not allowed)
    for login in ("owner", "dump", "intake"):
        allowed, told = stage.as_process(
            "lincoln", "web", "psql", "-X", "-c", "SELECT 1", "-w", "-d", entry(stage, login)
        )
        tale.line(f"the web process's user signs in as {login}", told, not allowed)
    for secret in ("door", "factors", "intake", "opening.pgp", "receipts.pgp"):
        path = stage.installation.portal("lincoln") / "secrets" / secret
        allowed, told = stage.as_process("lincoln", "web", "cat", str(path))
        tale.line(f"the web process's user reads secrets/{secret}", "it can" if allowed else told, not allowed)


def entry(stage: Stage, login: str) -> str:
    words = stage.place("lincoln").conninfo("owner")
    return f"host={words['host']} dbname={words['dbname']} user={login}"


def play_end(stage: Stage, tale: Tale) -> None:
    """The last checks: access ends right away, the chain holds, and no name is where it doesn't belong."""
    ids = stage.ids("lincoln")
    two = ("--adult", ids["Ana Ruiz"], "--student", ids["Leo Ruiz"], "--why", "checked")
    command("tie", "end", "lincoln", *two, folder=stage.installation.folder)
    _, left = stage.psql("lincoln", "owner", "SELECT count(*) FROM tie WHERE state = 'approved'")
    tale.line("the operator ends Ana's tie to Leo", f"{left} open ties left", left == "2")
    names = ["Nina", "Ruiz", "nina-ruiz", ids["Nina Ruiz"]]
    found = names_in(stage.installation.gateway, names)
    tale.line("the gateway's whole disk is searched for Nina's name and id", found or "nothing", not found)
    logs = [
        *names_in(stage.installation.folder / "log", names),
        *names_in(stage.installation.portal("lincoln") / "log", names),
    ]
    tale.line("every log is searched for them", logs or "nothing", not logs)
    findings = found_by_doctor(stage)
    bad = [each["what"] for each in findings if each["state"] == "bad" and not each["told"].startswith("None yet.")]  # no backup is due today
    ledger = next(each["told"] for each in findings if each["what"] == "lincoln: ledger")
    tale.line("homeroom doctor, with the ledger's chain", bad or ledger, not bad)


def found_by_doctor(stage: Stage) -> list[dict[str, str]]:
    """Returns the doctor's findings with any exit code. The code is 1 until a first backup is made."""
    words = [sys.executable, "-m", "homeroom.ops", "doctor", "--folder", str(stage.installation.folder), "--json"]
    found: list[dict[str, str]] = json.loads(subprocess.run(words, capture_output=True, text=True).stdout)
    return found

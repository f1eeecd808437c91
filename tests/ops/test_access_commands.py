"""Commands that give access, as an operator types them: what is shown, what is asked, and what a script gets."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from homeroom.ops.demo.madeup.district import Roster
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from tests.ops.portal import answered, homeroom
from tests.ops.test_commands import HARBOR, lincoln, roster, sent  # noqa: F401  fixtures

OPEN = "SELECT count(*) FROM tie WHERE state <> 'ended'"
BORN = """UPDATE demographic SET birth_date = today() - interval '18 years' - interval '9 days'
    WHERE person_id = (SELECT id FROM person WHERE sourced_id = %s)"""
FORGET = "DELETE FROM majority WHERE student_id = (SELECT id FROM person WHERE sourced_id = %s)"
OPENED = "SELECT count(*) FROM ledger WHERE event IN ('tie made', 'account made', 'duty given', 'code printed', 'password set')"


def typed(answer: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command at a terminal, where someone types this."""
    ours, theirs = pty.openpty()
    try:
        line = [sys.executable, "-m", "homeroom.ops", *words]
        with subprocess.Popen(line, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            os.write(ours, f"{answer}\n".encode())
            out, told = running.communicate(timeout=60)
        return subprocess.CompletedProcess(line, running.returncode, out, told)
    finally:
        os.close(ours), os.close(theirs)


def counted(lincoln: Installation, statement: str) -> int:
    with owner(lincoln.portal("lincoln")) as connection:
        return int((connection.execute(statement.encode()).fetchone() or (0,))[0])


@pytest.fixture
def district(sent: tuple[Path, Any], lincoln: Installation) -> Installation:
    return lincoln


def test_a_wrong_digit_shows_a_stranger_and_no_opens_nothing(district: Installation, roster: Roster) -> None:
    two = ("--adult", roster.ids["Ruth Castellanos"], "--student", roster.ids["Ivy Stone"], "--folder", str(district.folder))
    before = counted(district, OPEN)
    told = typed("no", "tie", "create", "lincoln", *two)
    assert told.returncode == 1 and counted(district, OPEN) == before
    for fact in ("Adult: Ruth Castellanos", "Student: Ivy Stone", "Opens: grades", "does not list Ruth Castellanos as a contact", "Nothing was changed"):
        assert fact in told.stderr
    done = typed("yes", "tie", "create", "lincoln", *two)
    assert done.returncode == 0 and "can see grades" in done.stdout and counted(district, OPEN) == before + 1


def test_a_script_without_yes_reads_the_facts_and_changes_nothing(district: Installation, roster: Roster) -> None:
    who = ("--person", roster.ids["Eve Stone"], "--side", "staff", "--name", "eve.at.work", "--folder", str(district.folder))
    told = homeroom("account", "create", "lincoln", *who, "--json", entered="yes\n")
    assert told.returncode == 1 and "add --yes" in told.stderr
    shown = json.loads(told.stdout)
    assert shown["is_done"] is False and shown["shown"]["people"][0]["name"] == "Eve Stone" and "not staff in" in str(shown["shown"]["warnings"])
    made = answered("account", "create", "lincoln", *who, "--yes")
    assert made["is_done"] is True and made["shown"] == shown["shown"] and made["sign_in_name"] == "eve.at.work"


def test_every_command_that_gives_access_asks(district: Installation, roster: Roster) -> None:
    eve, ivy, folder = roster.ids["Eve Stone"], roster.ids["Ivy Stone"], ("--folder", str(district.folder))
    ruth = ("lincoln", "--person", roster.ids["Ruth Castellanos"], "--side", "staff", *folder)
    answered("account", "create", *ruth, "--name", "ruth.c", "--yes")
    two = ("lincoln", "--person", eve, "--student", ivy, *folder)
    answered("restriction", "add", *two, "--basis", "court order", "--paper", "office, safe")
    before = counted(district, OPENED)
    commands = {
        ("account", "open"): ruth,
        ("account", "password"): ruth,
        ("account", "code"): ruth,
        ("account", "authenticator"): ruth,
        ("duty", "give"): (*ruth[:3], "--school", HARBOR.schools[0].code, "--duty", "counselor", *folder),
        ("restriction", "end"): two,
        ("portal", "board"): ("lincoln", "--second", "Vera Holt", *folder),
    }
    for command, words in commands.items():
        told = homeroom(*command, *words)
        assert told.returncode == 1 and "Opens: " in told.stderr and "add --yes" in told.stderr, command
    assert counted(district, OPENED) == before


def test_a_parents_access_to_a_student_of_18_is_refused_even_with_yes(district: Installation, roster: Roster) -> None:
    """The jobs process has not run yet. It would close the access a minute later."""
    ivy = roster.ids["Ivy Stone"]
    with owner(district.portal("lincoln")) as connection:
        connection.execute("ALTER TABLE demographic DISABLE TRIGGER birth_date_moved")
        connection.execute(BORN, [ivy])
        connection.execute("ALTER TABLE demographic ENABLE TRIGGER birth_date_moved")
        connection.execute(FORGET, [ivy])
    two = ("--adult", roster.ids["Eve Stone"], "--student", ivy, "--folder", str(district.folder))
    before = counted(district, OPEN)
    told = homeroom("tie", "create", "lincoln", *two, "--yes")
    assert told.returncode == 1 and "18 or older" in told.stderr and counted(district, OPEN) == before

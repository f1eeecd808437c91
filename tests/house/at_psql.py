"""Runs scripts in psql as someone with a login would type them, and returns the output."""

import os
import subprocess
from hashlib import sha256

from homeroom.portal.processes.cluster import BINARIES
from tests.school import School, proof_of


def proof_in_hex(person: str, side: str) -> str:
    return proof_of(person, side).hex()


def key_in_hex(person: str, side: str) -> str:
    """Returns what the session table keeps."""
    return sha256(proof_of(person, side)).hexdigest()


def psql(school: School, script: str, login: str = "app") -> str:
    """Returns everything that psql printed, with errors. Each statement is its own transaction, unless the script says otherwise."""
    environment = {**os.environ, "PGPASSWORD": school.server.passwords[login], "LC_ALL": "C"}
    words = ["-XAtq", "-h", str(school.server.cluster.sockets), "-U", login, "-d", school.database]
    done = subprocess.run(
        [BINARIES / "psql", *words],
        input=script,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def scores_of(school: School, student: str = "nina") -> str:
    """Returns a query that counts the scores a request reads: those of one student, and those of the class that it viewed."""
    work = f"SELECT count(*) FROM work_shown('{school.uuid(student)}', timezone('PST8PDT', now())::date, '-infinity') WHERE score IS NOT NULL"
    return f"SELECT ({work}) + (SELECT count(*) FROM class_results_shown(timezone('PST8PDT', now())::date));"


def look_of(person: str, side: str, act: str, subject: str, school: School) -> str:
    """Returns a call of look() as someone with this person's proof would type it."""
    about = f"'{school.uuid(subject)}'" if subject else "NULL"
    return f"look('\\x{proof_in_hex(person, side)}', '{act}', {about})"


def claim_of(person: str, side: str, look: str = "NULL") -> str:
    return f"begin_request('\\x{proof_in_hex(person, side)}', {look})"

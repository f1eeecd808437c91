"""Security events of a portal that runs: the commands, and a SIEM that hears of a failed sign-in."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.portal.events.tests.siem import Siem, certificate
from homeroom.portal.place import Place
from tests.ops.portal import answered, homeroom, installation, running


@pytest.fixture(scope="module")
def siem(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Siem, Path]]:
    folder = tmp_path_factory.mktemp("siem")
    server = Siem(certificate(folder))
    yield server, folder / "cert.pem"
    server.go()


@pytest.fixture(scope="module")
def lincoln(siem: tuple[Siem, Path]) -> Iterator[Installation]:
    """A portal that sends its events to the SIEM and to a file."""
    server, ca = siem
    with installation() as made:
        answered("portal", "events", "lincoln", "--syslog", f"127.0.0.1:{server.port}", "--ca", str(ca), "--file", "--folder", str(made.folder))
        with running(made):
            yield made


def since(made: Installation, *words: str) -> list[dict[str, Any]]:
    said = homeroom("events", "lincoln", "--since", "2026-01-01", *words, "--json", "--folder", str(made.folder))
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def wrong_sign_in(made: Installation) -> int:
    """Signs in with a wrong password at the front, as a browser would. Returns the status."""
    port = Place.read(made.portal("lincoln")).port
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": "x" * 32, "sign_in_name": "carl.webb", "password": "not this one"}).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/sign-in", form, {"Cookie": f"homeroom-lincoln-csrf={'x' * 32}"})
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310  the same
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_wrong_password_reaches_the_siem_the_file_and_the_command(lincoln: Installation, siem: tuple[Siem, Path]) -> None:
    assert wrong_sign_in(lincoln) == 403
    found = since(lincoln, "--kind", "sign in", "--address", "127.0.0.1")
    assert [(each["result"], each["what"], each["account"], each["device"]) for each in found] == [("wrong", "password", None, "")]
    server = siem[0]
    server.wait_for(len(since(lincoln)))
    heard = [json.loads(b"{" + message.partition(b"{")[2]) for message in server.messages]
    assert found[0] in heard and not any("carl" in message.decode().lower() for message in server.messages)
    lines = (lincoln.portal("lincoln") / "events" / "events.jsonl").read_text().splitlines()
    assert found[0] in [json.loads(line) for line in lines]


def test_jobs_killed_while_it_sends_loses_no_event(lincoln: Installation, siem: tuple[Siem, Path]) -> None:
    """Each event comes at least once. One that comes twice has one number."""
    written = 0
    for _kill in range(3):
        for _event in range(40):
            note(lincoln, f"n{written}")
            written += 1
        os.kill(process_of(lincoln, "jobs"), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while len(heard := numbers(siem[0])) < written and time.monotonic() < deadline:
        time.sleep(0.2)
    assert {f"n{n}" for n in range(written)} <= set(heard.values())


def note(made: Installation, what: str) -> None:
    with owner(made.portal("lincoln")) as connection:
        connection.execute("SELECT note_event('sign out', 'done', NULL, %s)", [what])


def numbers(server: Siem) -> dict[int, str]:
    """Returns {number: what} of the events that the SIEM has."""
    events = [json.loads(b"{" + message.partition(b"{")[2]) for message in list(server.messages)]
    return {event["number"]: event["what"] for event in events if event["kind"] == "sign out"}


def process_of(made: Installation, name: str) -> int:
    """Returns the number of a process of the portal."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == f"hr-lincoln-{name}"[:15] and str(made.folder) in open_files(process):
                return int(process.pid)
        time.sleep(0.1)
    raise AssertionError(f"no process {name}")


def open_files(process: psutil.Process) -> str:
    """Returns the paths of its open files, because several installations may run a portal of one name."""
    try:
        return " ".join(file.path for file in process.open_files())
    except psutil.Error:
        return ""


def test_events_of_another_address_or_kind_are_left_out(lincoln: Installation) -> None:
    assert since(lincoln, "--address", "203.0.113.77") == []
    assert {each["kind"] for each in since(lincoln, "--kind", "access")} <= {"access"}
    refused = homeroom("events", "lincoln", "--since", "2026-01-01", "--kind", "nonsense", "--folder", str(lincoln.folder))
    assert refused.returncode == 1 and "sign in, sign out" in refused.stderr


def test_the_table_has_no_name_and_a_short_place(lincoln: Installation) -> None:
    shown = homeroom("events", "lincoln", "--since", "2026-01-01", "--folder", str(lincoln.folder)).stdout
    assert "Security events of lincoln (UTC)" in shown and "Webb" not in shown


def test_new_passwords_of_the_logins_are_an_event(lincoln: Installation) -> None:
    answered("keys", "rotate", "lincoln", "--logins", "--folder", str(lincoln.folder))
    assert since(lincoln, "--kind", "key")[-1]["what"] == "logins rotated"


def test_the_doctor_says_that_the_receivers_have_the_events(lincoln: Installation) -> None:
    findings = json.loads(homeroom("doctor", "--json", "--folder", str(lincoln.folder)).stdout)  # its exit code is not 0: there is no backup
    assert [each["state"] for each in findings if each["what"] == "lincoln: security events"] == ["ok", "ok"]


def test_days_and_receivers_are_set_and_a_dry_run_sets_nothing(lincoln: Installation) -> None:
    folder = ("--folder", str(lincoln.folder))
    before = answered("portal", "events", "lincoln", *folder)
    assert before["file"] and before["own_ca"] and before["days"] == 396
    tried = homeroom("portal", "events", "lincoln", "--days", "400", "--off", "--dry-run", *folder)
    assert tried.returncode == 0 and answered("portal", "events", "lincoln", *folder) == before
    after = answered("portal", "events", "lincoln", "--days", "400", *folder)
    assert after["days"] == 400 and after["needs_restart"]
    assert since(lincoln, "--kind", "setting")[-1]["what"] == "event days"
    other = answered("portal", "events", "lincoln", "--syslog", "siem.example.org", *folder)
    assert other["syslog"] == "siem.example.org" and not other["own_ca"], "without --ca, the certificates of this computer count"


@pytest.mark.parametrize(("words", "told"), [
    (("--days", "10"), "90 to 3660 days"), (("--syslog", "http://siem"), "siem.example.org:6514"), (("--syslog", "siem:99999"), "siem.example.org:6514"),
    (("--ca", "/etc/hostname"), "certificates in PEM"),
    (("--off", "--file"), "not both"),
])  # fmt: skip
def test_impossible_wishes_get_one_sentence(lincoln: Installation, words: tuple[str, ...], told: str) -> None:
    ended: subprocess.CompletedProcess[str] = homeroom("portal", "events", "lincoln", *words, "--folder", str(lincoln.folder))
    assert ended.returncode == 1 and told in ended.stderr and len(ended.stderr.strip().splitlines()) <= 2


def test_viewing_limits_are_set_and_a_dry_run_sets_nothing(lincoln: Installation) -> None:
    folder = ("--folder", str(lincoln.folder))
    assert answered("portal", "viewing", "lincoln", *folder) == {"portal": "lincoln", "people": {}, "signs_out": False, "is_done": False}
    wish = ("portal", "viewing", "lincoln", "--least", "administrator=400", "--least", "attendance clerk=300", "--sign-out")
    assert answered(*wish, "--dry-run", *folder)["people"] == {"administrator": 400, "attendance clerk": 300}
    assert answered("portal", "viewing", "lincoln", *folder)["people"] == {}
    assert answered(*wish, *folder)["is_done"] and since(lincoln, "--kind", "setting")[-1]["what"] == "viewing limits"
    assert answered("portal", "viewing", "lincoln", "--least", "administrator=", *folder)["people"] == {"attendance clerk": 300}
    for wrong in ("administrator", "parent=50", "administrator=5001", "administrator=x"):
        assert homeroom("portal", "viewing", "lincoln", "--least", wrong, *folder).returncode == 1

"""The command line as an operator and a district's IT staff use it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from homeroom.gateway.pins import make_pair
from homeroom.ops.demo.madeup.district import Roster, write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.host.installation import Installation
from tests.ops.portal import CREATE, TWO, answered, homeroom, installation, running

COMMANDS = (
    ("new",), ("remove",), ("up",), ("host", "units"), ("host", "harden"), ("doctor",), ("demo",), ("rehearse",), ("check",), ("seal",), ("send",), ("pin",),
    ("repin",), ("renew",), ("portal", "remove"), ("portal", "rename"), ("portal", "address"), ("portal", "create"), ("portal", "run"), ("portal", "upgrade"),
    ("portal", "policy"), ("portal", "cert"), ("portal", "board"), ("portal", "support", "add"), ("portal", "support", "list"), ("portal", "support", "end"),
    ("portal", "rollover"), ("portal", "limits"), ("portal", "nightly"), ("portal", "tls"), ("portal", "passwords"), ("portal", "events"), ("events",),
    ("portal", "prepare"), ("gateway", "cert"), ("portal", "trust-gateway"), ("gateway", "host-key"), ("gateway", "address"), ("sender", "renew"),
    ("sender", "add"), ("sender", "list"), ("sender", "revoke"), ("gateway", "run"), ("gateway", "add-portal"), ("gateway", "remove-portal"),
    ("account", "create"), ("account", "password"), ("account", "code"), ("account", "close"), ("account", "open"), ("tie", "create"), ("tie", "end"),
    ("duty", "give"), ("duty", "end"), ("restriction", "add"), ("restriction", "end"), ("ledger", "head"), ("ledger", "verify"), ("student", "erase"),
    ("student", "admit"), ("student", "hold"), ("student", "release"), ("backup", "alarm"), ("backup", "end"), ("backup", "settle"), ("keys", "make"),
    ("keys", "shares"), ("keys", "destroy"), ("keys", "rotate"), ("keys", "erasure", "make"), ("portal", "contact"), ("portal", "data-sheet"),
    ("portal", "security-contact"), ("portal", "review"),
    *(("incident", verb) for verb in "declare list show verify district note done stage count earlier later confirm hold hold-ended close lead drill".split()),
)  # fmt: skip


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, running(made):
        yield made


@pytest.fixture(scope="module")
def roster(lincoln: Installation) -> Roster:
    return write_district(lincoln.folder / "export.zip", HARBOR, 7, date.today())  # noqa: DTZ011  the day here


@pytest.fixture(scope="module")
def sent(lincoln: Installation, roster: Roster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Returns the settings of a district's computer and the outcome of its export. It pinned the portal, is a known sender, and its export is imported."""
    config = tmp_path_factory.mktemp("config")
    pin(lincoln, config)
    add_sender(lincoln, config, "lincoln-sis")
    outcome = answered("send", str(lincoln.folder / "export.zip"), "--wait", "--config", str(config))
    return config, outcome


def add_sender(lincoln: Installation, config: Path, name: str) -> None:
    keys = ("--ssh-key", str(config / "lincoln" / "ssh_key.pub"), "--sign-key", str(config / "lincoln" / "sign.asc"))
    answered("sender", "add", name, *keys, "--portal", "lincoln", "--folder", str(lincoln.folder))


def pin(lincoln: Installation, config: Path, **other: str) -> subprocess.CompletedProcess[str]:
    """Pins the portal as IT staff would type it from the printed sheet."""
    card = answered("portal", "cert", "lincoln", "--folder", str(lincoln.folder))
    (config / "receipts.asc").write_text(homeroom("portal", "cert", "lincoln", "--receipts", "--folder", str(lincoln.folder)).stdout)
    (config / "hybrid.asc").write_text(homeroom("portal", "cert", "lincoln", "--hybrid", "--folder", str(lincoln.folder)).stdout)
    cert = lincoln.portal("lincoln") / "cert"
    line = homeroom("gateway", "host-key", "--folder", str(lincoln.folder)).stdout.strip()
    words = {
        "certificate": str(cert / "portal.asc"),
        "hybrid": str(config / "hybrid.asc"),
        "receipts": str(config / "receipts.asc"),
        "fingerprint": card["spelled"],
        "sender": "lincoln-sis",
        "gateway": line.split()[0].replace("[", "").replace("]", ""),
        "host-key": line,
        **other,
    }
    options = [part for name, value in words.items() for part in (f"--{name}", value)]
    return homeroom("pin", "lincoln", *options, "--config", str(config))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_a_command_has_an_example(command: tuple[str, ...]) -> None:
    told = homeroom(*command, "--help", COLUMNS="200")
    assert told.returncode == 0
    assert f"Example: homeroom {' '.join(command)}" in told.stdout


@pytest.mark.parametrize(
    "words", [("portal", "creat"), ("doctor", "--foldr", "x"), ("portal", "create"), ("tie", "create", "x")]
)
def test_mistyped_command_is_answered_with_code_2_and_no_traceback(words: tuple[str, ...]) -> None:
    told = homeroom(*words)
    assert told.returncode == 2 and "Traceback" not in told.stderr and told.stderr.strip()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("doctor", "--folder", "/nowhere"), "no Homeroom folder"),
        (("portal", "cert", "nobody"), "There is no portal"),
        (("portal", "create", "Big Name", *CREATE, *TWO), "cannot be a portal's short name"),
        (("portal", "create", "other", *CREATE, "--administrator", "Carl Webb"), "Name two administrators"),
        (("portal", "create", "other", *CREATE, *TWO, "--second", "Vera"), "Name the board's person"),
        (("portal", "create", "other", *CREATE, *TWO, "--support", "Sol"), "first and family name"),
        (("portal", "support", "end", "lincoln", "Sol Park"), "No support person has that name here"),
        (("portal", "create", "other", *CREATE, *TWO, "--second", "carl  webb"), "not one of the administrators"),
        (("portal", "create", "other", *CREATE[:2], "--time-zone", "PST8", *CREATE[4:], *TWO), "no time zone"),
        (("portal", "create", "lincoln", *CREATE, *TWO), "already"),
        (("portal", "create", "other", *CREATE, *TWO, "--database", "postgresql://a@db.example.org/x"), "sslmode=verify-full"),
        (("portal", "create", "other", *CREATE, *TWO, "--database", "postgresql://a:b@localhost/x"), "PGPASSWORD"),
        (("portal", "create", "other", *CREATE, *TWO, "--database", "mysql://x"), "postgresql://"),
        (("sender", "revoke", "nobody"), "no sender"),
        (
            ("sender", "add", "x-y", "--ssh-key", "/nowhere", "--sign-key", "/nowhere", "--portal", "lincoln"),
            "cannot be read",
        ),
        (("account", "create", "lincoln", "--person", "nobody", "--side", "family", "--name", "a"), "No person has"),
        (("gateway", "add-portal", "/etc/hostname"), "is not what"),
    ],
)
def test_bad_word_gets_one_sentence_and_code_1(lincoln: Installation, words: tuple[str, ...], sentence: str) -> None:
    folder = () if "--folder" in words else ("--folder", str(lincoln.folder))
    told = homeroom(*words, *folder)
    assert told.returncode == 1 and sentence in told.stderr, told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_new_takes_no_folder_that_has_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    told = homeroom("new", str(tmp_path))
    assert told.returncode == 1 and "not empty" in told.stderr


def test_seal_and_send_start_without_django_or_a_database() -> None:
    code = "import sys, homeroom.ops.__main__, homeroom.ops.district.sending; print(sorted({'django', 'psycopg'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout == "[]\n", told.stderr


def test_district_sends_its_export_and_reads_what_became_of_it(sent: tuple[Path, dict[str, object]]) -> None:
    _, outcome = sent
    assert outcome["state"] == "imported"
    counts = outcome["counts"]
    assert isinstance(counts, dict) and counts["school"]["new"] == 2


def test_refused_export_is_code_3_with_the_reason(sent: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    (tmp_path / "not-an-export.zip").write_bytes(b"PK but no more")
    told = homeroom("send", str(tmp_path / "not-an-export.zip"), "--wait", "--config", str(sent[0]))
    assert told.returncode == 3 and "ZIP" in told.stderr


def test_sealed_file_is_sent_as_it_is(sent: tuple[Path, dict[str, object]], lincoln: Installation, tmp_path: Path) -> None:
    out = tmp_path / "export.gpg"
    assert (
        homeroom("seal", str(lincoln.folder / "export.zip"), "--out", str(out), "--config", str(sent[0])).returncode
        == 0
    )
    told = homeroom("send", str(out), "--wait", "--json", "--config", str(sent[0]))
    assert told.returncode == 0 and json.loads(told.stdout)["state"] == "imported"


def test_a_swapped_certificate_is_refused(sent: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(sent[0], config)
    shutil.copyfile(config / "lincoln" / "sign.asc", config / "lincoln" / "portal.asc")
    told = homeroom("seal", __file__, "--out", str(tmp_path / "out"), "--config", str(config))
    assert told.returncode == 1 and "not the one" in told.stderr
    assert not (tmp_path / "out").exists()


def test_sheet_with_another_fingerprint_is_not_pinned(lincoln: Installation, tmp_path: Path) -> None:
    told = pin(lincoln, tmp_path, fingerprint="AB12 " * 10)
    assert told.returncode == 1 and "not the one" in told.stderr
    assert not (tmp_path / "lincoln").exists()


def test_gateway_with_another_host_key_gets_nothing(sent: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(sent[0], config)
    words = json.loads((config / "lincoln" / "pin.json").read_text())
    words["host_key"] = " ".join((config / "lincoln" / "ssh_key.pub").read_text().split()[:2])
    (config / "lincoln" / "pin.json").write_text(json.dumps(words))
    told = homeroom("send", __file__, "--config", str(config))
    assert told.returncode == 1 and "another host key" in told.stderr


def test_new_certificate_is_believed_by_the_old_ones_word_and_old_files_still_open(
    sent: tuple[Path, dict[str, object]], lincoln: Installation, tmp_path: Path
) -> None:
    config, folder = sent[0], ("--folder", str(lincoln.folder))
    export = str(lincoln.folder / "export.zip")
    assert homeroom("seal", export, "--out", str(tmp_path / "old.gpg"), "--config", str(config)).returncode == 0
    assert homeroom("portal", "cert", "lincoln", "--renew", *folder).returncode == 0
    hand_over = lincoln.portal("lincoln") / "cert" / "hand-over.asc"
    (tmp_path / "forged.asc").write_text(hand_over.read_text().replace("M", "N", 1))
    forged = homeroom("repin", str(tmp_path / "forged.asc"), "--config", str(config))
    assert forged.returncode == 1 and "Traceback" not in forged.stderr
    alone = homeroom("repin", str(hand_over), "--config", str(config))
    assert alone.returncode == 1 and "hybrid.asc" in alone.stderr, "it would seal with X25519 alone from now on"
    hybrid = lincoln.portal("lincoln") / "cert" / "hybrid.asc"
    assert homeroom("repin", str(hand_over), "--hybrid", str(hybrid), "--config", str(config)).returncode == 0
    for file in (str(tmp_path / "old.gpg"), export):
        assert answered("send", file, "--wait", "--config", str(config))["state"] == "imported"


def test_certificate_for_browsers_is_tried_before_it_is_kept(lincoln: Installation, tmp_path: Path) -> None:
    folder = ("--folder", str(lincoln.folder))
    assert homeroom("portal", "tls", "lincoln", "--pem", __file__, *folder).returncode == 1
    make_pair(tmp_path / "front.pem", "portal.example.org", "server")
    assert homeroom("portal", "tls", "lincoln", "--pem", str(tmp_path / "front.pem"), *folder).returncode == 0
    kept = lincoln.portal("lincoln") / "secrets" / "front-tls.pem"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.unlink()


def test_portal_takes_no_passwords_in_the_clear_from_other_computers(lincoln: Installation) -> None:
    toml = lincoln.portal("lincoln") / "portal.toml"
    before = toml.read_text()
    toml.write_text(before.replace('listen = "127.0.0.1"', 'listen = "0.0.0.0"'))
    told = homeroom("portal", "run", "lincoln", "--folder", str(lincoln.folder))
    toml.write_text(before)
    assert told.returncode == 78 and "in the clear" in told.stderr  # systemd does not start it again


def test_ana_gets_an_account_and_access_and_loses_the_access(sent: tuple[Path, dict[str, object]], lincoln: Installation, roster: Roster) -> None:
    folder = ("--folder", str(lincoln.folder))
    eve, ivy = roster.ids["Eve Stone"], roster.ids["Ivy Stone"]
    name = ("--side", "family", "--name", "Eve.Stone@example.org")
    made = answered("account", "create", "lincoln", "--person", eve, *name, "--yes", *folder)
    assert made["sign_in_name"] == "eve.stone@example.org" and len(made["password"]) >= 20
    again = homeroom("account", "create", "lincoln", "--person", eve, *name, "--yes", *folder)
    assert again.returncode == 1 and "already" in again.stderr
    two = ("--adult", eve, "--student", ivy)
    tie = answered("tie", "create", "lincoln", *two, "--relation", "mother", "--right", "consent", "--yes", *folder)
    assert "grades" in tie["opens"]
    twice = homeroom("tie", "create", "lincoln", *two, *folder)
    assert twice.returncode == 1 and "already has one" in twice.stderr
    odd = homeroom("tie", "create", "lincoln", *two, "--kind", "neighbour", *folder)
    assert odd.returncode == 1 and "--kind cannot be" in odd.stderr
    answered("tie", "end", "lincoln", *two, "--why", "moved away", *folder)
    assert homeroom("tie", "end", "lincoln", *two, "--why", "x", *folder).returncode == 1


def test_a_court_keeps_ana_from_nina_until_the_order_ends(sent: tuple[Path, dict[str, object]], lincoln: Installation, roster: Roster) -> None:
    two = ("--person", roster.ids["Eve Stone"], "--student", roster.ids["Ivy Stone"], "--folder", str(lincoln.folder))
    made = answered("restriction", "add", "lincoln", *two, "--basis", "court order", "--paper", "office, safe")
    assert made["restriction"] and made["end"] is None
    again = homeroom("restriction", "add", "lincoln", *two, "--basis", "court order", "--paper", "office, safe")
    assert again.returncode == 1 and "already" in again.stderr
    assert answered("restriction", "end", "lincoln", *two, "--yes")["restriction"] == made["restriction"]
    assert "not restricted" in homeroom("restriction", "end", "lincoln", *two).stderr
    grown_up = homeroom("restriction", "add", "lincoln", *two[:3], roster.ids["Hana Novak"], *two[4:], "--basis", "x")
    assert grown_up.returncode == 1 and "must be a student" in grown_up.stderr


def test_a_person_who_leaves_the_district_keeps_neither_the_account_nor_the_duty(
    sent: tuple[Path, dict[str, object]], lincoln: Installation, roster: Roster
) -> None:
    folder = ("--folder", str(lincoln.folder))
    ruth = ("--person", roster.ids["Ruth Castellanos"], "--side", "staff")
    nobody = homeroom("account", "password", "lincoln", *ruth, *folder)
    assert nobody.returncode == 1 and "has no account" in nobody.stderr
    first = answered("account", "create", "lincoln", *ruth, "--name", "ruth.c", "--yes", *folder)
    second = answered("account", "password", "lincoln", *ruth, "--yes", *folder)
    assert second["sign_in_name"] == "ruth.c" and second["password"] != first["password"]
    weak = homeroom("account", "password", "lincoln", *ruth, "--password-stdin", *folder, entered="short\n")
    assert weak.returncode == 1 and "at least 8" in weak.stderr
    assert answered("account", "close", "lincoln", *ruth, *folder)["is_open"] is False
    assert answered("account", "open", "lincoln", *ruth, "--yes", *folder)["is_open"] is True
    answered("account", "close", "lincoln", *ruth, *folder)
    work = (*ruth[:2], "--school", HARBOR.schools[0].code, "--duty", "counselor")
    answered("duty", "give", "lincoln", *work, "--yes", *folder)
    assert answered("duty", "end", "lincoln", *work, *folder)["duty"] == "counselor"
    assert "no such duty" in homeroom("duty", "end", "lincoln", *work, *folder).stderr


def test_password_comes_by_standard_input_and_must_be_long(sent: tuple[Path, dict[str, object]], lincoln: Installation, roster: Roster) -> None:
    words = ("account", "create", "lincoln", "--person", roster.ids["Hana Novak"], "--side", "staff", "--name", "hana")
    words += ("--password-stdin", "--yes", "--folder", str(lincoln.folder))
    short = homeroom(*words, entered="short\n")
    assert short.returncode == 1 and "at least 8" in short.stderr
    assert "password" not in answered(*words, entered="long enough for anybody\n")


def test_revoked_sender_is_turned_away_and_no_longer_believed(lincoln: Installation, roster: Roster, tmp_path: Path) -> None:
    assert pin(lincoln, tmp_path, sender="other-sis").returncode == 0
    add_sender(lincoln, tmp_path, "other-sis")
    folder = ("--folder", str(lincoln.folder))
    assert homeroom("sender", "revoke", "other-sis", *folder).returncode == 0
    assert {row["name"]: row["state"] for row in answered("sender", "list", *folder)}["other-sis"] == "revoked"
    told = homeroom("send", str(lincoln.folder / "export.zip"), "--config", str(tmp_path))
    assert told.returncode == 1 and "not know" in told.stderr and "other-sis" in told.stderr


def test_policy_is_printed_from_the_live_database(lincoln: Installation) -> None:
    lines = answered("portal", "policy", "lincoln", "--folder", str(lincoln.folder))
    assert any(line["on"] == "result" and line["login"] == "intake" for line in lines)
    assert {line["verb"] for line in lines if line["login"] == "app"} == {"call"}, "app holds no table"

"""One computer, with Debian's gpg and sftp, sends for two portals. Its signing key ends, and is renewed."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.demo.district_computer import DistrictComputer
from homeroom.ops.demo.feeding import deliver
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.host.installation import Installation
from homeroom.seal.keys import read_certificate
from tests.ops.portal import CREATE, TWO, answered, homeroom, installation, running
from tests.ports import free_port

SOON = 20  # seconds, in which the export is sealed


@pytest.fixture(scope="module")
def both() -> Iterator[Installation]:
    with installation() as made:
        words = ("--port", str(free_port()), "--inbox-port", str(free_port()), "--folder", str(made.folder))
        answered("portal", "create", "harbor", "--name", "Harbor Point", *CREATE[2:], *TWO, *words)
        with running(made):
            yield made


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "export.zip"
    write_district(path, HARBOR, 7, datetime.now(UTC).date())
    return path


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[DistrictComputer]:
    made = DistrictComputer(tmp_path / "computer", "lincoln-it")
    made.make_keys()
    yield made
    made.close()


def added(both: Installation, computer: DistrictComputer, portal: str, *more: str) -> Any:
    keys = ("--ssh-key", f"{computer.ssh_key}.pub", "--sign-key", str(computer.folder / "sign.asc"))
    return answered("sender", "add", computer.name, *keys, "--portal", portal, *more, "--folder", str(both.folder))


def test_one_computer_sends_for_two_portals_under_a_name_for_each(both: Installation, computer: DistrictComputer, export: Path) -> None:
    harbor, folder = replace(computer, name="harbor-it"), ("--folder", str(both.folder))
    computer.know(added(both, computer, "lincoln")["host_key"])
    keys = ("--ssh-key", f"{computer.ssh_key}.pub", "--sign-key", str(computer.folder / "sign.asc"), "--portal", "harbor")
    refused = homeroom("sender", "add", "harbor-it", *keys, *folder)
    assert refused.returncode == 1 and "--same-computer" in refused.stderr
    added(both, harbor, "harbor", "--same-computer")
    assert deliver(both, computer, "lincoln", export)["state"] == "imported"
    assert deliver(both, harbor, "harbor", export)["state"] == "imported"
    settings = read_settings(both.folder)
    for name, other in (("lincoln", harbor), ("harbor", computer)):
        sealed = other.seal(export, other.trust(both.portal(name) / "cert" / "portal.asc"))
        with pytest.raises(NotDone):
            other.sftp(settings.sftp_host, settings.sftp_port, f"put {sealed} incoming/export.gpg")
    listed = [each.receipts_for(settings.sftp_host, settings.sftp_port, "") for each in (computer, harbor)]
    lincolns, harbors = ({name for name in names if name.endswith(("asc", "txt"))} for names in listed)
    assert len(lincolns) == len(harbors) == 2 and not lincolns & harbors, "each name reads its own receipts"
    told = homeroom("sender", "revoke", "lincoln-it", *folder).stdout
    assert "as harbor-it." in told
    states = {row["name"]: row["state"] for row in answered("sender", "list", *folder)}
    assert (states["lincoln-it"], states["harbor-it"]) == ("revoked", "may send")


def test_a_sender_with_another_key_for_another_portal_does_not_lose_the_key_it_has(both: Installation, computer: DistrictComputer, tmp_path: Path) -> None:
    computer = replace(computer, name="county-it")
    added(both, computer, "lincoln")
    other = DistrictComputer(tmp_path / "other", "county-it")
    other.make_keys()
    keys = ("--ssh-key", f"{other.ssh_key}.pub", "--sign-key", str(other.folder / "sign.asc"), "--portal", "harbor")
    refused = homeroom("sender", "add", "county-it", *keys, "--folder", str(both.folder))
    other.close()
    assert refused.returncode == 1 and "'county-it'" in refused.stderr and "another SSH key" in refused.stderr
    row = next(row for row in answered("sender", "list", "--folder", str(both.folder)) if row["name"] == "county-it")
    assert row["portals"] == "lincoln" and [key["portal"] for key in row["keys"]] == ["lincoln"], "nothing was half done"


def test_a_sender_that_could_never_send_or_takes_the_place_of_another_is_not_added(both: Installation, computer: DistrictComputer, tmp_path: Path) -> None:
    computer = replace(computer, name="office-it")
    added(both, computer, "lincoln")
    before = answered("sender", "list", "--folder", str(both.folder))
    other = DistrictComputer(tmp_path / "other", "other-it")
    other.make_keys()
    sign = ("--sign-key", str(other.folder / "sign.asc"), "--portal", "lincoln", "--folder", str(both.folder))
    other.close()
    for words, said in (
        (("office-it", "--ssh-key", f"{other.ssh_key}.pub"), "'office-it' sends for lincoln with another SSH key. Give that one, or choose another name"),
        (("other-it", "--ssh-key", f"{other.ssh_key}.pub", "--expires", "2020-01-01"), "2020-01-01 is over. Name a later day with --expires, or leave it out."),
        (("other-it", "--ssh-key", str(other.ssh_key)), "This is a private key, which must never leave its computer."),
    ):
        told = homeroom("sender", "add", *words, *sign)
        assert told.returncode == 1 and told.stderr.startswith(said) and len(told.stderr.splitlines()) == 1
    assert answered("sender", "list", "--folder", str(both.folder)) == before, "nothing was half done"


def test_a_key_that_ended_signs_nothing_and_renewed_it_does(both: Installation, computer: DistrictComputer, export: Path) -> None:
    """The list says when the key ends, and the doctor says that it ended. A file that was signed in time and came too late is refused."""
    computer, folder = replace(computer, name="short-it"), ("--folder", str(both.folder))
    sign = computer.folder / "sign.asc"
    fingerprint = read_certificate(sign.read_bytes()).fingerprint.upper()
    recipient = computer.trust(both.portal("harbor") / "cert" / "portal.asc")
    computer.gpg("--quick-set-expire", fingerprint, f"seconds={SOON}")
    end = time.time() + SOON
    sign.write_text(computer.gpg("--armor", "--export", fingerprint))
    late = computer.seal(export, recipient)
    computer.know(added(both, computer, "harbor")["host_key"])
    time.sleep(max(0.0, end - time.time()) + 1)
    settings = read_settings(both.folder)
    computer.sftp(settings.sftp_host, settings.sftp_port, f"put {late} incoming/export.gpg")
    assert '"refused"' in computer.await_receipt(settings.sftp_host, settings.sftp_port, late, 90)
    assert key_of(both)["state"] == "ended" and "short-it" in " ".join(told_by_the_doctor(both, "bad"))
    again = ("sender", "renew", "short-it", "--sign-key", str(sign), "--portal", "harbor", *folder)
    assert "key ended on" in homeroom(*again).stderr
    computer.gpg("--quick-set-expire", fingerprint, "30d")
    sign.write_text(computer.gpg("--armor", "--export", fingerprint))
    ends = answered(*again)["ends"]
    assert key_of(both) == {"portal": "harbor", "fingerprint": fingerprint, "state": "good", "ends": ends}
    assert f"harbor: {ends}" in homeroom("sender", "list", *folder).stdout
    assert "short-it" in " ".join(told_by_the_doctor(both, "warn")), "thirty days are soon"
    assert deliver(both, computer, "harbor", export)["state"] == "imported"


def key_of(both: Installation) -> Any:
    rows = answered("sender", "list", "--folder", str(both.folder))
    (key,) = next(row for row in rows if row["name"] == "short-it")["keys"]
    return key


def told_by_the_doctor(both: Installation, state: str) -> list[str]:
    found = json.loads(homeroom("doctor", "--json", "--folder", str(both.folder)).stdout)
    return [each["what"] for each in found if each["state"] == state]


def test_a_key_of_a_stranger_is_not_renewed(both: Installation, computer: DistrictComputer) -> None:
    keys = ("--sign-key", str(computer.folder / "sign.asc"), "--portal", "harbor", "--folder", str(both.folder))
    told = homeroom("sender", "renew", "nobody-it", *keys).stderr
    assert "'nobody-it'" in told and "not send for" in told
    (computer.folder / "odd.asc").write_text("no key")
    odd = homeroom("sender", "renew", "nobody-it", "--sign-key", str(computer.folder / "odd.asc"), *keys[2:])
    assert odd.returncode == 1 and "no OpenPGP certificate" in odd.stderr

"""Sends a district's first file: makes keys, adds the sender, seals and sends the export, and waits for the receipt."""

import json
import sys
from pathlib import Path
from typing import Any

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.demo.district_computer import DistrictComputer, run
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import command
from homeroom.ops.steps import step
from homeroom.seal.keys import read_certificate
from homeroom.seal.sealing import verify_receipt


def introduce(installation: Installation, slug: str) -> DistrictComputer:
    """Makes the district's keys and has the operator add it as a sender. Raises NotDone."""
    computer = DistrictComputer(installation.folder / "districts" / slug, f"{slug}-sis")
    computer.make_keys()
    keys = ("--ssh-key", f"{computer.ssh_key}.pub", "--sign-key", str(computer.folder / "sign.asc"))
    added = command("sender", "add", computer.name, *keys, "--portal", slug, folder=installation.folder)
    computer.know(added["host_key"])
    return computer


def deliver(
    installation: Installation, computer: DistrictComputer, slug: str, export: Path, seconds: float = 300
) -> Any:
    """Returns the verified receipt, whatever it says. Raises NotDone if the gateway refused the export."""
    settings = read_settings(installation.folder)
    cert = installation.portal(slug) / "cert"
    with step(f"{slug}: sealing the export with gpg"):
        sealed = computer.seal(export, computer.trust(cert / "portal.asc"))
    with step(f"{slug}: sending {sealed.stat().st_size / 1e6:.1f} MB with sftp"):
        computer.sftp(settings.sftp_host, settings.sftp_port, f"put {sealed} incoming/export.gpg")
    with step(f"{slug}: waiting for the portal's receipt"):
        text = computer.await_receipt(settings.sftp_host, settings.sftp_port, sealed, seconds)
    sealed.unlink()
    if not text.startswith("-----BEGIN PGP SIGNED"):
        raise NotDone(f"{slug}: the gateway refused the export: {text.strip()}")
    return verify_receipt(text, read_certificate((cert / "receipts.asc").read_bytes()))


def make_people(installation: Installation, slug: str, plan: dict[str, Any]) -> None:
    """Raises NotDone."""
    portal = str(installation.portal(slug))
    run(sys.executable, "-m", "homeroom.ops.demo.people", portal, entered=json.dumps(plan))

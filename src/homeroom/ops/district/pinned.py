"""A district computer's configuration for one portal: what it pinned about the portal and the gateway, and the two keys it made."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import asyncssh

from homeroom.ops.answers import NotDone
from homeroom.seal.hybrid import read_hybrid
from homeroom.seal.keys import (
    Cert,
    Tsk,
    make_sender_key,
    read_certificate,
    read_secrets,
    verify_hand_over,
    write_secrets,
    written,
)
from homeroom.seal.sealing import check_certificate

HYBRID = "hybrid.asc"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One portal's folder in this computer's configuration."""

    folder: Path
    fingerprint: str
    sender: str
    host: str
    port: int
    host_key: str  # type and key, as in known_hosts

    @property
    def ssh_key(self) -> Path:
        return self.folder / "ssh_key"

    @property
    def ssh_public(self) -> Path:
        return self.folder / "ssh_key.pub"

    @property
    def sign_public(self) -> Path:
        return self.folder / "sign.asc"

    @property
    def portal(self) -> str:
        return self.folder.name

    def certificate(self) -> Cert:
        """Raises WrongCertificate if someone replaced it with another one."""
        found = read_certificate((self.folder / "portal.asc").read_bytes())
        check_certificate(found, self.fingerprint)
        return found

    def hybrid(self) -> Cert | None:
        """Returns the certificate for files that a quantum computer must not open, if the portal has one. Raises WrongHybrid if it should be here."""
        path = self.folder / HYBRID
        return read_hybrid(path.read_bytes() if path.exists() else None, self.certificate())

    def receipts(self) -> Cert:
        return read_certificate((self.folder / "receipts.asc").read_bytes())

    def signer(self) -> Tsk:
        return read_secrets(self.folder / "sign.pgp")[0]

    @property
    def next_secret(self) -> Path:
        return self.folder / "next.pgp"

    @property
    def next_public(self) -> Path:
        return self.folder / "next.asc"

    def known_hosts(self) -> asyncssh.SSHKnownHosts:
        return asyncssh.import_known_hosts(f"[{self.host}]:{self.port} {self.host_key}\n")


def read_pinned(config: Path, portal: str) -> Pinned:
    """Reads the named portal, or the only one. Raises NotDone."""
    known = sorted(path.parent.name for path in config.glob("*/pin.json"))
    name = portal or (known[0] if len(known) == 1 else "")
    if name not in known:
        listed = ", ".join(known) or "none yet: start with `homeroom pin`"
        raise NotDone(f"Say with --portal for which portal. This computer has pinned {listed}.")
    words = json.loads((config / name / "pin.json").read_text())
    return Pinned(folder=config / name, **words)


def write_pinned(
    config: Path, portal: str, pinned: dict[str, str | int], certificate: bytes, receipts: bytes, hybrid: bytes | None = None
) -> Pinned:
    """Makes the keys if they don't exist. A portal that was pinned before keeps its keys, and another certificate is refused."""
    made = Pinned(folder=config / portal, **pinned)  # type: ignore[arg-type]  # the fields of pin.json
    check_certificate(read_certificate(certificate), made.fingerprint)
    read_hybrid(hybrid, read_certificate(certificate))
    read_certificate(receipts)
    if (made.folder / "pin.json").exists() and read_pinned(config, portal).fingerprint != made.fingerprint:
        raise NotDone(
            f"{portal} is pinned with another certificate. If its administrator gave you a new printed sheet, "
            f"remove {made.folder / 'pin.json'} and pin again."
        )
    made.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made.folder.chmod(0o700)
    (made.folder / "portal.asc").write_bytes(certificate)
    (made.folder / "receipts.asc").write_bytes(receipts)
    _write_hybrid(made, hybrid)
    _make_keys(made)
    _write_words(made)
    return made


def pin_anew(config: Path, portal: str, hand_over: str, hybrid: bytes | None = None) -> Pinned:
    """Pins the portal's new certificate, which the key of the pinned one must have signed. Raises HandOverForged, WrongHybrid."""
    before = read_pinned(config, portal)
    new = verify_hand_over(hand_over, read_certificate((before.folder / "portal.asc").read_bytes()))
    after = replace(before, fingerprint=new.fingerprint)
    check_certificate(new, new.fingerprint)
    read_hybrid(hybrid, new)
    (after.folder / "portal.asc").write_text(written(new))
    _write_hybrid(after, hybrid)
    _write_words(after)
    return after


def make_next_key(config: Path, portal: str) -> Pinned:
    """Makes a second signing key, which signs nothing until use_next_key(). A second call returns the same key. Raises NotDone."""
    pinned = read_pinned(config, portal)
    if not pinned.next_secret.exists():
        write_secrets([make_sender_key(pinned.sender)], pinned.next_secret)
    pinned.next_public.write_text(written(read_secrets(pinned.next_secret)[0].extract_certificate()))
    return pinned


def use_next_key(config: Path, portal: str) -> Pinned:
    """Signs with the second key from now on. If it is killed in between, the old key keeps signing, and the same command finishes it. Raises NotDone."""
    pinned = read_pinned(config, portal)
    if not pinned.next_secret.exists():
        raise NotDone(f"There is no new key for {pinned.portal}. Make one with `homeroom renew`, and hand over its certificate first.")
    pinned.sign_public.write_text(written(read_secrets(pinned.next_secret)[0].extract_certificate()))
    pinned.next_public.unlink(missing_ok=True)
    pinned.next_secret.replace(pinned.folder / "sign.pgp")
    return pinned


def _write_hybrid(pinned: Pinned, hybrid: bytes | None) -> None:
    if hybrid is None:
        (pinned.folder / HYBRID).unlink(missing_ok=True)
    else:
        (pinned.folder / HYBRID).write_bytes(hybrid)


def _write_words(pinned: Pinned) -> None:
    words = {key: value for key, value in asdict(pinned).items() if key != "folder"}
    (pinned.folder / "pin.json").write_text(json.dumps(words, indent=1) + "\n")


def _make_keys(made: Pinned) -> None:
    """A signing key belongs to one portal, so each portal gets its own."""
    if not made.ssh_key.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment=made.sender)
        before = os.umask(0o077)
        try:
            key.write_private_key(made.ssh_key)
        finally:
            os.umask(before)
        key.write_public_key(made.ssh_public)
    if not (made.folder / "sign.pgp").exists():
        signer = make_sender_key(made.sender)
        write_secrets([signer], made.folder / "sign.pgp")
        made.sign_public.write_text(written(signer.extract_certificate()))

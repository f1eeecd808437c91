"""A gateway and two portals' inboxes in one folder, with real keys. Lincoln's office sends with OpenSSH's sftp."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import asyncssh
import pysequoia
from pysequoia import Tsk

from homeroom.gateway.pins import certificate_in, make_pair
from homeroom.gateway.register import add_portal, add_sender, host_key_line, portal_entry
from homeroom.seal.keys import make_opening_key, make_receipt_key, make_sender_key, written
from homeroom.seal.sealing import sign_receipt
from tests.journeys.kill import Part, is_open, until
from tests.ports import free_port

GATEWAY, INBOX = "homeroom.gateway.run:run", "homeroom.portal.intake.inbox.receive:run"
OFFICE = "lincoln-office"


@cache
def keys(name: str) -> tuple[Tsk, Tsk]:
    """Returns a portal's opening and receipt keys, made once per test run."""
    return make_opening_key(name), make_receipt_key(name)


@cache
def signer() -> Tsk:
    return make_sender_key(OFFICE)


def sealed(content: bytes, portal: str = "lincoln") -> bytes:
    to = keys(portal)[0].extract_certificate()
    return pysequoia.encrypt(content, recipients=[to], signer=signer().signer(), armor=False)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Rig:
    folder: Path
    sftp_port: int = field(default_factory=free_port)
    inbox_ports: dict[str, int] = field(default_factory=dict)
    settings: str = "first_retry = 0.05\nlongest_retry = 0.2\nreceipts_when_awaited = 0.1\nreceipts_otherwise = 0.3\n"

    @property
    def gateway(self) -> Path:
        return self.folder / "gateway"

    @property
    def home(self) -> Path:
        return self.gateway / "home" / OFFICE

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def portal(self, slug: str = "lincoln") -> Path:
        return self.folder / "portals" / slug

    def inbox(self, slug: str = "lincoln") -> Path:
        return self.portal(slug) / "inbox"

    def make(self, *slugs: str) -> "Rig":
        (self.gateway / "tls").mkdir(parents=True)
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(self.gateway / "host_key")
        make_pair(self.gateway / "tls" / "client.pem", "Homeroom gateway", "client")
        self.write_settings()
        for slug in slugs:
            self._make_portal(slug)
        add_sender(self.gateway, OFFICE, [self.make_key("id")], ["lincoln"])
        known = f"[127.0.0.1]:{self.sftp_port} {host_key_line(self.gateway)}\n"
        (self.folder / "known_hosts").write_text(known)
        return self

    def write_settings(self) -> None:
        text = f'[gateway]\nsftp_host = "127.0.0.1"\nsftp_port = {self.sftp_port}\n{self.settings}'
        (self.folder / "homeroom.toml").write_text(text)

    def make_key(self, name: str, kind: str = "ed25519", bits: int = 256) -> str:
        path = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", str(bits), "-N", "", "-f", path], check=True)
        return path.with_name(f"{name}.pub").read_text()

    def _make_portal(self, slug: str) -> None:
        portal, port = self.portal(slug), free_port()
        self.inbox_ports[slug] = port
        for name in ("inbox", "outbox", "cert", "secrets", "run"):
            (portal / name).mkdir(parents=True)
        (portal / "portal.toml").write_text(
            f'slug = "{slug}"\nname = "{slug}"\ntime_zone = "America/Los_Angeles"\nphone = "555-0100"\n'
            f'host = "127.0.0.1"\nport = 1\ninbox_port = {port}\ndatabase = "postgresql:///none"\n'
        )
        tls = make_pair(portal / "secrets" / "inbox-tls.pem", f"Homeroom inbox {slug}", "server")
        (portal / "cert" / "gateway.pem").write_text(certificate_in(self.gateway / "tls" / "client.pem"))
        opening, receipts = (written(key.extract_certificate()) for key in keys(slug))
        add_portal(self.gateway, portal_entry(slug, f"https://127.0.0.1:{port}", [opening], receipts, tls))

    def gateway_part(self, **words: object) -> Part:
        return Part(GATEWAY, self.folder, self.log, **words)  # type: ignore[arg-type]

    def inbox_part(self, slug: str = "lincoln", **words: object) -> Part:
        return Part(INBOX, self.portal(slug), self.log, **words)  # type: ignore[arg-type]

    @contextmanager
    def running(self, *slugs: str) -> Iterator[Part]:
        """Runs the gateway and these inboxes. Yields the gateway's process."""
        gateway, inboxes = self.gateway_part().start(), [self.inbox_part(slug).start() for slug in slugs]
        try:
            self.await_open(*slugs)
            yield gateway
        finally:
            for part in (gateway, *inboxes):
                part.kill()

    def await_open(self, *slugs: str) -> None:
        for port in (self.sftp_port, *(self.inbox_ports[slug] for slug in slugs)):
            assert until(lambda port=port: is_open(port)), self.log.read_text()

    def sftp(self, *lines: str, user: str = OFFICE, key: str = "id") -> "subprocess.CompletedProcess[str]":
        """Runs a batch of commands with OpenSSH's own client. Relative local names are in the folder."""
        batch = "".join(f"{line}\n" for line in lines)
        return subprocess.run(
            ["sftp", "-b", "-", *self.options(key), f"{user}@127.0.0.1"],
            input=batch, text=True, capture_output=True, cwd=self.folder, timeout=60,
        )  # fmt: skip

    def options(self, key: str = "id") -> list[str]:
        return [
            "-P", str(self.sftp_port), "-i", str(self.folder / key), "-F", "none",
            "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
            "-o", f"UserKnownHostsFile={self.folder / 'known_hosts'}", "-o", "ConnectTimeout=10",
        ]  # fmt: skip

    def write(self, name: str, content: bytes) -> str:
        """Writes a file of the sender, and returns its digest."""
        (self.folder / name).write_bytes(content)
        return digest_of(content)

    def is_delivered(self, digest: str, slug: str = "lincoln") -> bool:
        return (self.inbox(slug) / f"{digest}.json").exists() and not list(self.spooled())

    def spooled(self) -> list[Path]:
        return [path for path in (self.gateway / "spool").rglob("*") if path.is_file()]

    def drafts(self) -> list[Path]:
        return [path for path in (self.gateway / "home").glob("*/incoming/*") if path.is_file()]

    def refusals(self) -> str:
        return "".join(path.read_text() for path in sorted((self.home / "receipts").glob("*.txt")))

    def receipt(self, digest: str, slug: str = "lincoln", state: str = "imported", **more: object) -> str:
        """Returns what the portal's intake signs for this file."""
        note = json.loads((self.inbox(slug) / f"{digest}.json").read_text())
        words = {"homeroom": 1, "portal": slug, "digest": digest, "received": note["received"], "state": state}
        return sign_receipt(json.dumps(words | more), keys(slug)[1])

    def events(self, event: str) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith('{"at"')]
        return [line for line in lines if line["event"] == event]


def assert_once(rig: Rig, contents: dict[str, bytes], slug: str = "lincoln") -> None:
    """Checks that every file is in the portal's inbox, whole, once and with its note, and that nothing is left at the gateway."""
    found = {path.stem: path.read_bytes() for path in rig.inbox(slug).glob("*.pgp")}
    assert found == contents
    assert {path.stem for path in rig.inbox(slug).glob("*.json")} == set(contents)
    assert sorted(path.suffix for path in rig.inbox(slug).iterdir()) == sorted([".json", ".pgp"] * len(contents))
    assert not rig.spooled()
    assert not rig.drafts()


def is_root() -> bool:
    return os.geteuid() == 0

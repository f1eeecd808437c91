"""Sealing an export on the district's computer, sending it by SFTP, believing only the portal's signed receipt."""

import asyncio
import hashlib
import re
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh

from homeroom.ops.answers import NotDone, err
from homeroom.ops.pinned import Pinned, read_pinned, write_pinned
from homeroom.ops.progress import Bar
from homeroom.seal.broken import NotSealed
from homeroom.seal.envelope import read_envelope
from homeroom.seal.sealing import seal, verify_receipt

ENDS = ("imported", "refused")  # states after which nothing more comes
EXIT = {"sent": 0, "imported": 0, "refused": 3, "no receipt yet": 4}
ADDRESS = re.compile(r"(?P<host>[^:\s]+)(?::(?P<port>\d+))?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    state: str
    digest: str
    sentence: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return EXIT[self.state]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def told(self) -> str:
        lines = [self.sentence]
        for table, numbers in self.counts.items():
            said = ", ".join(f"{count} {word}" for word, count in numbers.items() if count)
            lines.append(f"  {table}: {said or 'nothing'}")
        lines += [f"  {row['file']}, line {row['line']}: {row['reason']}" for row in self.rows[:20]]
        return "\n".join(lines + [f"  Note: {note}" for note in self.notes])


def pin_portal(
    config: Path,
    portal: str,
    certificate: Path,
    receipts: Path,
    fingerprint: str,
    sender: str,
    gateway: str,
    host_key: str,
) -> Pinned:
    """Raises NotDone, WrongCertificate, NotACertificate."""
    address = ADDRESS.fullmatch(gateway)
    key = re.search(r"(?:ssh|ecdsa|sk)-\S+ \S+", host_key)
    if not address or not key:
        raise NotDone("--gateway is host or host:port, and --host-key a line like: ssh-ed25519 AAAA…")
    words: dict[str, str | int] = {
        "fingerprint": "".join(fingerprint.split()).lower(),
        "sender": sender,
        "host": address["host"],
        "port": int(address["port"] or 2222),
        "host_key": key[0],
    }
    return write_pinned(config, portal, words, certificate.read_bytes(), receipts.read_bytes())


def seal_file(config: Path, portal: str, source: Path, out: Path) -> Path:
    """Raises NotDone, WrongCertificate, SealFailed."""
    pinned = read_pinned(config, portal)
    seal(source, pinned.certificate(), pinned.signer(), out, pinned=pinned.fingerprint)
    return out


def send_file(config: Path, portal: str, source: Path, seconds: float | None) -> Outcome:
    """seconds: how long to wait for the receipt; None: not at all. Raises NotDone, WrongCertificate, SealFailed."""
    pinned = read_pinned(config, portal)
    if not source.is_file():
        raise NotDone(f"There is no file {source}.")
    with tempfile.TemporaryDirectory(prefix="homeroom-send-") as folder:
        sealed = source
        if not is_sealed(source):
            sealed = seal_file(config, pinned.portal, source, Path(folder) / "export.gpg")
        digest = digest_of(sealed)
        try:
            return asyncio.run(_send(pinned, sealed, digest, seconds))
        except asyncssh.HostKeyNotVerifiable as stranger:
            raise NotDone(
                "The gateway showed another host key than the pinned one. Nothing was sent. Ask its operator."
            ) from stranger
        except asyncssh.PermissionDenied as refused:
            raise NotDone(
                f"The gateway does not know {pinned.sender}. Ask its operator for `homeroom sender add`."
            ) from refused
        except (OSError, asyncssh.DisconnectError) as away:
            raise NotDone(f"The gateway at {pinned.host}:{pinned.port} does not answer. Try again later.") from away


def is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            read_envelope(file)
        except NotSealed:
            return False
    return True


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _send(pinned: Pinned, sealed: Path, digest: str, seconds: float | None) -> Outcome:
    connecting = asyncssh.connect(
        pinned.host,
        pinned.port,
        username=pinned.sender,
        client_keys=[str(pinned.ssh_key)],
        known_hosts=pinned.known_hosts(),
        config=None,
        agent_path=None,
    )
    async with connecting as connection, connection.start_sftp_client() as sftp:
        refused = await _put(sftp, sealed, digest)
        if refused is not None:
            return refused
        if seconds is None:
            return Outcome("sent", digest, "Sent. `homeroom send --wait` would tell what became of it.")
        return await _receipt(sftp, pinned, digest, seconds)


async def _put(sftp: asyncssh.SFTPClient, sealed: Path, digest: str) -> Outcome | None:
    """The name says when, and nothing that the export's own name may say about a child."""
    name = f"incoming/export-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.gpg"
    with Bar(err, "sending") as bar:
        try:
            await sftp.put(str(sealed), name, progress_handler=lambda _from, _to, done, whole: bar.show(done, whole))
        except asyncssh.SFTPError as refused:
            return Outcome("refused", digest, f"Refused at the gateway: {refused.reason}")
    return None


async def _receipt(sftp: asyncssh.SFTPClient, pinned: Pinned, digest: str, seconds: float) -> Outcome:
    """Polls receipts/ until one that the portal signed says how it ended."""
    until = time.monotonic() + seconds
    read: set[str] = set()
    while time.monotonic() < until:
        for name in sorted({str(found) for found in await sftp.listdir("receipts")} - read):
            read.add(name)
            if f"-{digest[:12]}" in name and (outcome := await _outcome(sftp, pinned, digest, name)):
                return outcome
        await asyncio.sleep(0.3)
    return Outcome(
        "no receipt yet", digest, "It was sent, and there is no receipt yet. Ask again later with the same file."
    )


async def _outcome(sftp: asyncssh.SFTPClient, pinned: Pinned, digest: str, name: str) -> Outcome | None:
    """None: it is about another file, or not the end. Raises ReceiptForged."""
    async with sftp.open(f"receipts/{name}", "r") as file:
        text = str(await file.read())
    if name.endswith(".txt"):  # the gateway's own word: it turned the file away, so the portal never saw it
        return Outcome("refused", digest, "Refused at the gateway: " + text.partition("\n")[2].strip())
    receipt = verify_receipt(text, pinned.receipts())
    if (receipt.get("digest"), receipt.get("portal")) != (digest, pinned.portal) or receipt.get("state") not in ENDS:
        return None
    return Outcome(
        receipt["state"],
        digest,
        str(receipt.get("sentence") or receipt["state"]),
        receipt.get("counts") or {},
        receipt.get("rows") or [],
        receipt.get("notes") or [],
    )

"""Seals an export on the district's computer, sends it by SFTP, and trusts only the portal's signed receipt."""

import asyncio
import hashlib
import re
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh

from homeroom.ops.answers import NotDone, err
from homeroom.ops.district.outcome import Outcome, latest
from homeroom.ops.district.pinned import Pinned, read_pinned, write_pinned
from homeroom.ops.progress import Bar
from homeroom.seal.broken import NotSealed
from homeroom.seal.envelope import read_envelope
from homeroom.seal.sealing import seal, verify_receipt

SOON = timedelta(days=60)
ADDRESS = re.compile(r"(?P<host>[^:\s]+)(?::(?P<port>\d+))?")


def pin_portal(
    config: Path,
    portal: str,
    certificate: Path,
    receipts: Path,
    fingerprint: str,
    sender: str,
    gateway: str,
    host_key: str,
    hybrid: Path | None = None,
) -> Pinned:
    """Raises NotDone, WrongCertificate, WrongHybrid, NotACertificate."""
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
    return write_pinned(config, portal, words, certificate.read_bytes(), receipts.read_bytes(), hybrid.read_bytes() if hybrid else None)


def seal_file(config: Path, portal: str, source: Path, out: Path) -> Path:
    """Raises NotDone, WrongCertificate, WrongHybrid, SealFailed."""
    pinned = read_pinned(config, portal)
    if told := ends_soon(pinned, datetime.now(UTC)):
        err.print(told, markup=False)
    seal(source, pinned.certificate(), pinned.signer(), out, pinned=pinned.fingerprint, hybrid=pinned.hybrid())
    return out


def ends_soon(pinned: Pinned, now: datetime) -> str:
    """Returns a sentence if the key that signs exports has ended, or ends within two months. Otherwise returns an empty string."""
    end = pinned.signer().extract_certificate().expiration
    if end is None or end - now > SOON:
        return ""
    return f"Your signing key for {pinned.portal} {'ended' if end <= now else 'ends'} on {end:%Y-%m-%d}. Make a new one with `homeroom renew`."


def send_file(config: Path, portal: str, source: Path, seconds: float | None) -> Outcome:
    """Seals the file if it isn't sealed, and sends it. `seconds` is how long to wait for the receipt. None means not to wait. Raises NotDone,
    WrongCertificate, SealFailed."""
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
        before = {str(name) for name in await sftp.listdir("receipts")}
        refused = await _put(sftp, sealed, digest)
        if refused is not None:
            return refused
        if seconds is None:
            return Outcome("sent", digest, "Sent. `homeroom send --wait` would tell what became of it.")
        return await _receipt(sftp, pinned, digest, seconds, before)


async def _put(sftp: asyncssh.SFTPClient, sealed: Path, digest: str) -> Outcome | None:
    """Sends the file. Its name there has only the time, because the export's own name could say something about a child."""
    name = f"incoming/export-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.gpg"
    with Bar(err, "sending") as bar:
        try:
            await sftp.put(str(sealed), name, progress_handler=lambda _from, _to, done, whole: bar.show(done, whole))
        except asyncssh.SFTPError as refused:
            return Outcome("refused", digest, f"Refused at the gateway: {refused.reason}")
    return None


async def _receipt(sftp: asyncssh.SFTPClient, pinned: Pinned, digest: str, seconds: float, before: set[str]) -> Outcome:
    """Polls receipts/ until one that the portal signed says how the file ended, or that it is on hold. Raises ReceiptForged.

    `before` has the names from before this sending. A refusal at the gateway among them is about an earlier try.
    """
    until = time.monotonic() + seconds
    read = {name: "" for name in before if name.endswith(".txt")}
    while time.monotonic() < until:
        for name in sorted({str(found) for found in await sftp.listdir("receipts")} - set(read), key=in_order):
            if f"-{digest[:12]}" in name:
                async with sftp.open(f"receipts/{name}", "r") as file:
                    read[name] = str(await file.read())
        if outcome := _outcome(read, pinned, digest):
            return outcome
        await asyncio.sleep(0.3)
    return Outcome(
        "no receipt yet", digest, "It was sent, and there is no receipt yet. Ask again later with the same file."
    )


def _outcome(read: Mapping[str, str], pinned: Pinned, digest: str) -> Outcome | None:
    """Returns the outcome from signed receipts. If there isn't one, uses a .txt, in which the gateway itself says that it refused the file."""
    signed = (
        verify_receipt(read[name], pinned.receipts()) for name in sorted(read, key=in_order) if name.endswith(".asc")
    )
    if outcome := latest(signed, digest, pinned.portal):
        return outcome
    turned_away = [
        text.partition("\n")[2].strip() for name, text in sorted(read.items()) if text and name.endswith(".txt")
    ]
    return Outcome("refused", digest, f"Refused at the gateway: {turned_away[-1]}") if turned_away else None


def in_order(name: str) -> tuple[int, str]:
    """Sorts …-2 after the first, and -10 after -9."""
    return len(name), name

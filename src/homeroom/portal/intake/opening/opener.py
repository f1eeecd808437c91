"""The opener process. Only it may read the portal's opening key. Per request it reads one sealed file of the inbox and
writes to the requester's socket. It has no network and no login.
"""

import json
import logging
import os
import pwd
import signal
import socket
import struct
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from homeroom.portal.intake.opening.confinement import confine
from homeroom.portal.intake.opening.frames import DIGEST, Kind, OpenerAway, receive, send, socket_of
from homeroom.portal.processes.users import user_of
from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.keys import Cert, NotACertificate, Tsk, read_certificate, read_secrets, still_opening
from homeroom.seal.opening import Opened, OpeningInterrupted, open_sealed
from homeroom.seal.opening.stage import die_with

AT_ONCE = 4  # files opened at the same time. The next ones wait
PATIENCE = 10.0  # seconds for a request to arrive
CREDENTIALS = struct.Struct("iII")  # process, user, group: <linux/socket.h>, struct ucred

log = logging.getLogger(__name__)


class NoOpeningKey(Exception):
    """secrets/opening.pgp cannot be read. The message says what to do."""


def run(portal: Path) -> None:
    """Serves until it is stopped. Raises NoOpeningKey, OSError."""
    key = portal / "secrets" / "opening.pgp"
    if not os.access(key, os.R_OK):
        raise NoOpeningKey(f"{key} cannot be read by the opener. Make it with `homeroom portal cert`, or give it back.")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    users = _allowed_users(portal)
    with _listening(portal, is_shared=len(users) > 1) as listener:
        confine()
        _serve(listener, portal, users)


def _serve(listener: socket.socket, portal: Path, users: set[int]) -> None:
    children: set[int] = set()
    while True:
        connection, _ = listener.accept()
        children -= _ended(must_wait=len(children) >= AT_ONCE)
        with connection:
            if _user_of(connection) not in users:
                log.warning("Another user asked the opener and was refused.")
                continue
            parent = os.getpid()
            child = os.fork()
            if child == 0:
                _answer_and_exit(connection, listener, portal, parent)
            children.add(child)


def _ended(*, must_wait: bool) -> set[int]:
    ended: set[int] = set()
    with suppress(ChildProcessError):  # there are no children
        if must_wait:
            ended.add(os.waitpid(-1, 0)[0])
        while child := os.waitpid(-1, os.WNOHANG)[0]:
            ended.add(child)
    return ended


def _answer_and_exit(connection: socket.socket, listener: socket.socket, portal: Path, parent: int) -> None:
    code = 1
    try:
        die_with(parent)
        listener.close()
        _answer(connection, portal)
        code = 0
    except (OpenerAway, OpeningInterrupted) as away:
        log.warning("An opening ended before its verdict: %s", away)
    except Exception as error:  # noqa: BLE001  the edge of a process: the missing verdict tells the other side
        log.error("An opening stopped: %s.", type(error).__name__)
    finally:
        os._exit(code)


def _answer(connection: socket.socket, portal: Path) -> None:
    connection.settimeout(PATIENCE)
    kind, content = receive(connection)
    connection.settimeout(None)
    if kind != Kind.REQUEST:
        raise OpenerAway("This was no request.")
    request = json.loads(content)
    send(connection, Kind.VERDICT, json.dumps(_opened(connection, portal, request)).encode())


def _opened(connection: socket.socket, portal: Path, request: dict[str, object]) -> dict[str, object]:
    """Sends the plaintext and returns the verdict."""
    try:
        with _sealed(portal, str(request["digest"])) as sealed:
            told = _pieces_sent(connection, sealed, portal, _certificates(request["senders"]))
    except SealBroken as broken:
        return {"ok": False, "reason": broken.reason}
    return {
        "ok": True,
        "signer": told.signer_fingerprint,
        "signed_at": told.signed_at.isoformat(),
        "recipients": told.recipients,
        "armoured": told.is_armoured,
    }


def _pieces_sent(connection: socket.socket, sealed: BinaryIO, portal: Path, senders: list[Cert]) -> Opened:
    pieces = open_sealed(sealed, partial(_secrets, portal), senders)
    try:
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                told: Opened = end.value
                return told
            send(connection, Kind.PIECE, piece)
    finally:
        pieces.close()


def _secrets(portal: Path) -> list[Tsk]:
    """Reads the keys for each file, so that a new certificate needs no restart. The old key opens files for 30 more days."""
    return still_opening(read_secrets(portal / "secrets" / "opening.pgp"), at=datetime.now(UTC))


def _sealed(portal: Path, digest: str) -> BinaryIO:
    if not DIGEST.fullmatch(digest):  # only digests become paths
        raise SealBroken(Inside.MISSING)
    try:
        handle = os.open(portal / "inbox" / f"{digest}.pgp", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as missing:
        raise SealBroken(Inside.MISSING) from missing
    return os.fdopen(handle, "rb")


def _certificates(texts: object) -> list[Cert]:
    certificates = []
    for text in texts if isinstance(texts, list) else []:
        try:
            certificates.append(read_certificate(str(text).encode()))
        except NotACertificate:
            log.error("A registered sender's certificate cannot be read; what it signs will be refused.")
    return certificates


def _listening(portal: Path, *, is_shared: bool) -> socket.socket:
    """Listens on the socket. If intake has its own user, the socket's mode can't name it, so each connection's user is checked."""
    path = socket_of(portal)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o111 if is_shared else 0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(16)
    return listener


def _allowed_users(portal: Path) -> set[int]:
    users = {os.geteuid()}
    with suppress(FileNotFoundError):  # without portal.toml, the portal runs as one user
        intake = user_of(portal, "intake")
        if intake is not None:
            users.add(pwd.getpwnam(intake).pw_uid)
    return users


def _user_of(connection: socket.socket) -> int:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    user: int = CREDENTIALS.unpack(credentials)[1]
    return user

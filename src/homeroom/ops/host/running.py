"""Runs an installation next to this command: `homeroom up` in its own process, watched until it answers."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from homeroom.portal.processes.child import die_with_parent


def command(*words: str, folder: Path | None, entered: str = "") -> Any:
    """Runs a Homeroom command in its own process and returns its JSON. `folder` is None for a command that needs no installation. Raises NotDone with its
    sentence."""
    line = [sys.executable, "-m", "homeroom.ops", *words, *(["--folder", str(folder)] if folder else []), "--json"]
    ended = subprocess.run(line, input=entered, capture_output=True, text=True)
    if ended.returncode:
        raise NotDone((ended.stderr.strip() or "no word").splitlines()[-1])
    return json.loads(ended.stdout) if ended.stdout.strip() else None


@contextmanager
def running(installation: Installation, seconds: float = 40) -> Iterator[subprocess.Popen[bytes]]:
    """Starts everything in the folder and waits until it answers. Stops it after the block. Raises NotDone."""
    log = (installation.folder / "up.log").open("ab")
    up = subprocess.Popen(
        [sys.executable, "-m", "homeroom.ops", "up", "--folder", str(installation.folder)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),
    )
    log.close()
    try:
        await_answers(installation, up, seconds)
        yield up
    finally:
        stop(up)


def stop(up: subprocess.Popen[bytes]) -> None:
    up.send_signal(signal.SIGTERM)
    try:
        up.wait(20)
    except subprocess.TimeoutExpired:
        up.kill()
        up.wait()


def await_answers(installation: Installation, up: subprocess.Popen[bytes], seconds: float) -> None:
    """Raises NotDone."""
    until = time.monotonic() + seconds
    waiting = addresses(installation)
    while waiting:
        if up.poll() is not None:
            raise NotDone(f"It stopped while starting; {installation.folder / 'up.log'} says why.")
        if time.monotonic() > until:
            raise NotDone(f"{waiting[0]} did not answer within {seconds:.0f} s; {installation.folder} has the logs.")
        waiting = [address for address in waiting if not answers(address)]
        time.sleep(0.05)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Makes SIGTERM and a closed terminal do what Ctrl-C does. Everything is stopped, and removed if it should be."""
    words = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(word, signal.default_int_handler) for word in words]
    try:
        yield
    finally:
        for word, handler in zip(words, before, strict=True):
            signal.signal(word, handler)


def await_end(up: subprocess.Popen[bytes]) -> None:
    """Waits for Ctrl-C, SIGTERM or a closed terminal. Raises NotDone if the process next to this command ends."""
    words = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, words)
    try:
        while signal.sigtimedwait(words, 1.0) is None:
            if up.poll() is not None:
                raise NotDone("The supervisor ended by itself; up.log in the folder says why.")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, words)


def addresses(installation: Installation) -> list[str]:
    places = [Place.read(portal) for portal in installation.whole()]
    pages = [f"http://127.0.0.1:{place.port}{path}" for place in places for path in ("/sign-in", "/language/en")]
    settings = read_settings(installation.folder)
    return [*pages, f"sftp://{settings.here}:{settings.sftp_port}"]


def answers(address: str) -> bool:
    """Returns True for any answer but a server error. A missing page is an answer, too. The certificate isn't checked, because this is a local port under
    a name that no certificate has."""
    if address.startswith("sftp:"):
        with socket.socket() as probe:
            probe.settimeout(1)
            host, _, port = address.removeprefix("sftp://").rpartition(":")
            return probe.connect_ex((host, int(port))) == 0
    try:
        with urllib.request.urlopen(address, timeout=5, context=_unverified()):  # noqa: S310  an address of this installation
            return True
    except urllib.error.HTTPError as answered:
        return answered.code < 500
    except OSError:
        return False


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def free_ports(wished: Sequence[int]) -> list[int]:
    """Returns each wished port if no one listens there, and otherwise any free port."""
    found: list[int] = []
    for wish in wished:
        found.append(next(port for port in (wish, *range(20_000, 60_000)) if port not in found and is_free(port)))
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

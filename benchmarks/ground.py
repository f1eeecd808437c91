"""The installation that figures are measured on. It is in a temporary folder, and the command line makes and runs it as in production."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import Any

import psutil
import psycopg

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import free_ports
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.intake.inbox.receive import wake
from homeroom.portal.place import Place
from homeroom.seal.keys import make_sender_key, read_certificate, read_secrets, write_secrets, written
from homeroom.seal.sealing import seal

HOMEROOM = Path(sys.executable).parent / "homeroom"
SENDER = "bench-it"
RESTING = 0.1  # seconds of work that all of an idle portal does in one second


def homeroom(*words: str) -> str:
    """Runs the command and returns its output. Raises SystemExit with its messages."""
    done = subprocess.run([str(HOMEROOM), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"homeroom {' '.join(words[:2])}: {done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Ground:
    folder: Path
    portal: Path
    running: subprocess.Popen[bytes] | None = None

    @cached_property
    def place(self) -> Place:
        return Place.read(self.portal)

    def start(self) -> None:
        log = (self.folder / "portal.log").open("ab")
        words = [str(HOMEROOM), "portal", "run", "bench", "--folder", str(self.folder)]
        self.running = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: self._answers(), 60, "the portal")

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.place.port), 0.5).close()
            self.connect("owner").close()
        except (OSError, psycopg.OperationalError):
            return False
        return True

    def stop(self) -> None:
        if self.running:
            self.running.send_signal(signal.SIGTERM)
            self.running.wait(20)
            self.running = None

    def connect(self, login: str, **words: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(
            **{**self.place.conninfo("owner" if login == "postgres" else login), "user": login}, **words
        )

    def sealed(self, export: Path) -> Path:
        """Returns the export as the district would seal it, outside any timing."""
        out = export.with_suffix(".pgp")
        out.unlink(missing_ok=True)
        certificate = read_certificate((self.portal / "cert" / "portal.asc").read_bytes())
        seal(export, certificate, read_secrets(self.folder / "signer.key")[0], out, pinned=certificate.fingerprint)
        return out

    def deliver(self, sealed: Path, state: str = "imported") -> tuple[float, dict[str, Any]]:
        """Puts the sealed file where the inbox puts it. Returns the seconds until it has this state, and the delivery's row."""
        with sealed.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        inbox = self.portal / "inbox"
        shutil.copyfile(sealed, inbox / f"{digest}.pgp")
        note = {"sender": SENDER, "received": datetime.now(UTC).isoformat()}
        (inbox / ".note").write_text(json.dumps(note))
        self.let_a_day_pass()
        for path in (inbox / f"{digest}.pgp", inbox / ".note"):  # as the inbox leaves them, readable by its group
            shutil.chown(path, *owner_of(inbox))
            path.chmod(0o640)
        begun = time.monotonic()
        (inbox / ".note").rename(inbox / f"{digest}.json")  # a file with a note is whole
        wake(self.portal)
        with self.connect("owner", autocommit=True) as owner, owner.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute(
                "SET lock_timeout = 0"
            )  # a first import locks the tables that it fills, and with them delivery's foreign key
            while True:
                row = cursor.execute(
                    "SELECT * FROM delivery WHERE digest = %s AND (ended_at IS NOT NULL OR state = 'held')", [digest]
                ).fetchone()
                if row and row["state"] == state:
                    return time.monotonic() - begun, row
                if row:
                    raise SystemExit(f"A file was {row['state']} and not {state}: {row['reason']} {row['numbers']}")
                if time.monotonic() - begun > 1800:
                    raise SystemExit("An import did not end within half an hour.")
                time.sleep(0.02)


    def let_a_day_pass(self) -> None:
        """Waits until the work after the last file is done: the access log's chain and PostgreSQL's cleanup. In production files are a day apart."""
        with self.connect("owner", autocommit=True) as owner:
            owner.execute("VACUUM ANALYZE")
        wait_for(self._rests, 300, "The portal's rest")

    def _rests(self) -> bool:
        before = self.work()
        time.sleep(1)
        return self.work() - before < RESTING

    def work(self) -> float:
        """Returns the seconds of processor time that the portal and its PostgreSQL have used, including ended processes."""
        if self.running is None:
            raise SystemExit("No portal is running.")
        total = 0.0
        for process in psutil.Process(self.running.pid).children(recursive=True):
            try:
                total += sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue  # it ended during the check
        return total


@contextmanager
def ground() -> Iterator[Ground]:
    """Yields a running portal named `bench` with one sender. Everything is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hr-bench-"))
    folder.chmod(0o755)
    here = Ground(folder, folder / "site" / "portals" / "bench")
    try:
        site = str(folder / "site")
        sftp, port, inbox = map(str, free_ports([24_000, 24_001, 24_002]))  # below those that the system gives to a program that asks for any port
        homeroom("new", site, "--sftp-port", sftp)
        here.folder = folder / "site"
        homeroom("portal", "create", "bench", "--name", "Bench Unified", "--time-zone", "America/Los_Angeles", "--phone", "(555) 010-0100",
                 "--administrator", "Carl Webb", "--administrator", "Rosa Lim", "--port", port,
                 "--inbox-port", inbox, "--folder", site)  # fmt: skip
        key = make_sender_key("Bench Unified nightly export")
        write_secrets([key], here.folder / "signer.key")
        (here.folder / "signer.asc").write_text(written(key.extract_certificate()))
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(here.folder / "key")], check=True)
        here.start()
        homeroom("sender", "add", SENDER, "--portal", "bench", "--ssh-key", site + "/key.pub", "--sign-key", site + "/signer.asc",
                 "--folder", site)  # fmt: skip
        with here.connect("owner", autocommit=True) as owner:
            # Eight people open hundreds of pages in half a minute. The cap on viewing a whole school would stop them.
            owner.execute('UPDATE district SET caps = \'{"family": 100000000, "teacher": 100000000}\'')
        yield here
    finally:
        here.stop()
        if (here.folder / "homeroom.toml").exists():
            remove_installation(Installation.at(here.folder))
        shutil.rmtree(folder, ignore_errors=True)


def owner_of(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_uid, found.st_gid


def wait_for(is_so: Any, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise SystemExit(f"{what} did not come up within {seconds:.0f} s")
        time.sleep(0.1)


def pss_of(names: tuple[str, ...]) -> int:
    """Returns the proportional set size, in bytes, of all processes whose names begin with one of these."""
    total = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "comm").read_text().startswith(names):
                    rollup = (process / "smaps_rollup").read_text()
                    total += int(rollup.split("Pss:")[1].split()[0]) * 1024
            except (OSError, IndexError):
                continue  # it ended during the check
    return total

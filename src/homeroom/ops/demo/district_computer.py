"""A realistic district computer. It uses Debian's gpg, ssh-keygen and sftp, and no Homeroom software."""

import hashlib
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.portal.processes.cluster import socket_folder

PAUSE = 0.3  # seconds between checks for a receipt
STATE = re.compile(r'"state":\s*"(\w+)"')
ENDS = ("imported", "refused", "held")


@dataclass(frozen=True, slots=True)
class DistrictComputer:
    """`name` is the sender's name. `folder` has its keys and files."""

    folder: Path
    name: str

    @property
    def gnupg(self) -> Path:
        """Returns gpg's home folder. gpg-agent puts a socket here, so a short path replaces a long one."""
        return socket_folder(self.folder / "gnupg")

    @property
    def ssh_key(self) -> Path:
        return self.folder / "id_ed25519"

    def make_keys(self) -> None:
        """Makes one key to sign exports and one to sign in to the gateway. Raises NotDone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.gnupg.mkdir(mode=0o700, exist_ok=True)
        user = f"{self.name} export <export@{self.name}.example>"
        self.gpg("--passphrase", "", "--quick-generate-key", user, "ed25519", "sign", "2y")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.name, "-f", str(self.ssh_key))
        (self.folder / "sign.asc").write_text(self.gpg("--armor", "--export", user))

    def trust(self, certificate: Path) -> str:
        """Imports the portal's certificate. Returns its fingerprint, to compare with the printed sheet."""
        listed = self.gpg("--with-colons", "--import-options", "show-only", "--import", str(certificate))
        self.gpg("--import", str(certificate))
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    def seal(self, export: Path, fingerprint: str) -> Path:
        sealed = self.folder / f"{hashlib.sha256(str(export).encode()).hexdigest()[:8]}-{time.time_ns()}.gpg"
        words = ("--trust-model", "always", "--compress-algo", "none", "--output", str(sealed))
        self.gpg(*words, "--recipient", fingerprint, "--sign", "--encrypt", str(export))
        return sealed

    def know(self, host_key_line: str) -> None:
        (self.folder / "known_hosts").write_text(host_key_line + "\n")

    def sftp(self, host: str, port: int, *commands: str) -> str:
        """Runs OpenSSH's client and returns what it printed. Raises NotDone."""
        return run(*self.sftp_words(host, port), entered="".join(f"{line}\n" for line in commands))

    def sftp_words(self, host: str, port: int) -> list[str]:
        options = {
            "UserKnownHostsFile": str(self.folder / "known_hosts"),
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "IdentityFile": str(self.ssh_key),
            "BatchMode": "yes",
        }
        words = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return ["sftp", "-F", "/dev/null", "-q", *words, "-P", str(port), "-b", "-", f"{self.name}@{host}"]

    def await_receipt(self, host: str, port: int, sealed: Path, seconds: float, states: Sequence[str] = ENDS) -> str:
        """Returns the text of the latest receipt about this file, once it has one of these states or is the gateway's refusal (.txt). Raises NotDone."""
        digest = hashlib.sha256(sealed.read_bytes()).hexdigest()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name in self.receipts_for(host, port, digest)[-1:]:
                self.sftp(host, port, f"get receipts/{name} {self.folder / name}")
                text = (self.folder / name).read_text()
                state = STATE.search(text)
                if name.endswith(".txt") or (state and state[1] in states):
                    return text
            time.sleep(PAUSE)
        raise NotDone(f"No receipt came within {seconds:.0f} s.")

    def receipts_for(self, host: str, port: int, digest: str) -> list[str]:
        listed = self.sftp(host, port, "ls -1 receipts").split()
        names = [Path(word).name for word in listed]
        return sorted((name for name in names if f"-{digest[:12]}" in name), key=lambda name: (len(name), name))

    def gpg(self, *words: str) -> str:
        """Raises NotDone."""
        return run("gpg", "--homedir", str(self.gnupg), "--batch", "--quiet", "--no-tty", "--yes", *words)

    def close(self) -> None:
        """Stops the agent that gpg leaves running. It would outlive this process."""
        if self.gnupg.exists() and shutil.which("gpgconf"):
            run("gpgconf", "--homedir", str(self.gnupg), "--kill", "all")
        if self.gnupg != self.folder / "gnupg":
            shutil.rmtree(self.gnupg, ignore_errors=True)


def run(*command: str, entered: str = "", allowed: Sequence[int] = (0,)) -> str:
    """Returns what the command printed. Raises NotDone with its last line."""
    if shutil.which(command[0]) is None:
        raise NotDone(f"{command[0]} is missing. Install Debian's packages gnupg and openssh-client.")
    ended = subprocess.run(command, input=entered, capture_output=True, text=True)
    if ended.returncode not in allowed:
        last = (ended.stderr.strip() or ended.stdout.strip() or "no word").splitlines()[-1]
        raise NotDone(f"{command[0]} stopped: {last}")
    return ended.stdout

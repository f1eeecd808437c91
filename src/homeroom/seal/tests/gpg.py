"""A district's computer: Debian's gpg with its own home folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.seal.keys import Cert, Tsk, written

ALWAYS = ("--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "")


class Gpg:
    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str, given: bytes = b"") -> bytes:
        done = subprocess.run(["gpg", *ALWAYS, *words], env=self.environment, input=given, capture_output=True)
        if done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace"))
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"GNUPGHOME": str(self.home), "LC_ALL": "C"}

    def make_key(self, name: str, *words: str, kind: str = "future-default", lasting: str = "1y") -> Cert:
        self.run(*words, "--quick-gen-key", name, kind, "default", lasting)
        return self.certificate(name)

    def certificate(self, name: str) -> Cert:
        return Cert.from_bytes(self.run("--export", name))

    def take(self, certificate: Cert) -> None:
        self.run("--import", given=written(certificate).encode())

    def seal(self, content: bytes, *words: str, to: Cert | None = None, signer: str = "") -> bytes:
        """Signs and encrypts by default. The content comes from a pipe, so gpg compresses it."""
        recipient = ("--trust-model", "always", "-r", to.fingerprint) if to else ()
        signing = ("-u", signer) if signer else ()
        return self.run(*recipient, *signing, *(words or ("-se",)), given=content)

    def seal_file(self, source: Path, to: Cert, *words: str) -> bytes:
        return self.run("--trust-model", "always", "-r", to.fingerprint, *words, "-o", "-", "-se", str(source))

    def revoked(self, name: str) -> Cert:
        certificate = self.certificate(name)
        revocation = self.home / "openpgp-revocs.d" / f"{certificate.fingerprint.upper()}.rev"
        self.run("--import", given=revocation.read_bytes().replace(b"\n:---", b"\n---"))
        return self.certificate(name)


@contextmanager
def computer(*certificates: Cert) -> Iterator[Gpg]:
    """Yields a computer. The folder's name is short because the path of the agent's socket may have 107 bytes. The agent ends with it."""
    home = Path(tempfile.mkdtemp(prefix="hr", dir="/tmp"))
    gpg = Gpg(home)
    try:
        for certificate in certificates:
            gpg.take(certificate)
        yield gpg
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=gpg.environment, check=True)
        shutil.rmtree(home, ignore_errors=True)


def certificate_of(key: Tsk) -> Cert:
    return Cert.from_bytes(written(key.extract_certificate()).encode())

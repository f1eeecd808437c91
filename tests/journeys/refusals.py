"""Files that must not be imported. Each is refused with one sentence and changes nothing."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.demo.district_computer import DistrictComputer
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

COUNT = "SELECT (SELECT count(*) FROM result), (SELECT count(*) FROM person), (SELECT max(signed_at) FROM delivery WHERE state = 'imported')"


def play(stage: Stage, tale: Tale) -> None:
    computer = stage.computers["lincoln"]
    right, wrong = (
        computer.trust(stage.installation.portal(slug) / "cert" / "portal.asc") for slug in ("lincoln", "harbor")
    )
    export = computer.folder / "export.zip"
    files: dict[str, Callable[[], Path]] = {
        "the export without any seal": lambda: export,
        "an empty file": lambda: written(computer, b""),
        "plain rows behind a sealed file": lambda: behind(computer, export, right),
        "sealed for another portal": lambda: computer.seal(export, wrong),
        "cut off in the middle": lambda: cut(computer, export, right),
        "sealed and not signed": lambda: unsigned(computer, export, right),
        "signed by a key nobody registered": lambda: by_stranger(computer, export, right),
        "not an export": lambda: computer.seal(computer.folder / "sign.asc", right),
    }
    before = stage.psql("lincoln", "owner", COUNT)
    for told, make in files.items():
        sentence, holds = offered(stage, computer, make())
        tale.line(f"lincoln sends: {told}", sentence, holds)
    again(stage, tale, computer)
    after = stage.psql("lincoln", "owner", COUNT)
    tale.line("psql compares rows before and after the refusals", after[1], before == after)


def offered(stage: Stage, computer: DistrictComputer, file: Path) -> tuple[str, bool]:
    """Returns the sentence, and whether it is a refusal."""
    host, port = stage.settings.sftp_host, stage.settings.sftp_port
    unlike(file)
    try:
        computer.sftp(host, port, f"put {file} incoming/export.gpg")
    except NotDone as turned_away:
        said = str(turned_away)
        text = computer.await_receipt(host, port, file, seconds=10)
        return text.partition("\n")[2].strip() or said, text.startswith("refused:")
    text = computer.await_receipt(host, port, file, seconds=60)
    sentence = next((line for line in text.splitlines() if '"sentence"' in line), text[:200])
    return sentence, '"refused"' in text or text.startswith("refused:")


def unlike(file: Path) -> None:
    """Waits a moment. Receipts differ by second and digest. Two of the same second do no harm, but are hard to read."""
    time.sleep(0.01)
    assert file.is_file()


def again(stage: Stage, tale: Tale, computer: DistrictComputer) -> None:
    """Sends the imported file again. It is known, and there is still one delivery of it."""
    host, port = stage.settings.sftp_host, stage.settings.sftp_port
    first = min(computer.folder.glob("*.gpg"), key=lambda path: path.stat().st_mtime)
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    try:
        computer.sftp(host, port, f"put {first} incoming/export.gpg")
        told = "it was taken"
    except NotDone as turned_away:
        told = str(turned_away)
    time.sleep(2)
    _, count = stage.psql("lincoln", "owner", f"SELECT count(*) FROM delivery WHERE digest = '{digest}'")
    tale.line("lincoln sends: the imported file once more", f"{told}; {count} delivery of it", count == "1")


def written(computer: DistrictComputer, content: bytes) -> Path:
    path = computer.folder / f"made-{time.time_ns()}.gpg"
    path.write_bytes(content)
    return path


def behind(computer: DistrictComputer, export: Path, fingerprint: str) -> Path:
    return written(computer, computer.seal(export, fingerprint).read_bytes() + b"name,grade\nSomebody,A\n")


def cut(computer: DistrictComputer, export: Path, fingerprint: str) -> Path:
    whole = computer.seal(export, fingerprint).read_bytes()
    return written(computer, whole[: len(whole) // 2])


def unsigned(computer: DistrictComputer, export: Path, fingerprint: str) -> Path:
    path = computer.folder / f"made-{time.time_ns()}.gpg"
    words = ("--trust-model", "always", "--recipient", fingerprint, "--output", str(path), "--encrypt", str(export))
    computer.gpg(*words)
    return path


def by_stranger(computer: DistrictComputer, export: Path, fingerprint: str) -> Path:
    stranger = "A stranger <stranger@example.org>"
    computer.gpg("--passphrase", "", "--quick-generate-key", stranger, "ed25519", "sign", "1y")
    path = computer.folder / f"made-{time.time_ns()}.gpg"
    words = ("--trust-model", "always", "--local-user", stranger, "--recipient", fingerprint, "--output", str(path))
    computer.gpg(*words, "--sign", "--encrypt", str(export))
    return path

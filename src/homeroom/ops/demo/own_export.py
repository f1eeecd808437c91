"""`homeroom rehearse`: imports a district's own export into a temporary portal on this computer. It sends no email, and everything is removed at the end."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone, say, show
from homeroom.ops.demo.district_computer import DistrictComputer
from homeroom.ops.demo.feeding import deliver, introduce
from homeroom.ops.demo.own_export_people import sign_ins_for
from homeroom.ops.district.outcome import noted
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.new import make_installation
from homeroom.ops.host.running import await_end, command, free_ports, running, stopped_by_sigterm
from homeroom.ops.removing_all import remove_installation
from homeroom.ops.steps import step
from homeroom.portal.place import Place

SLUG = "rehearsal"
NAME = "Rehearsal"


def run_rehearsal(export: Path, attendance: Path | None, contacts: Path | None) -> None:
    """Runs until Ctrl-C. Raises NotDone."""
    for given in (export, attendance, contacts):
        if given is not None and not given.is_file():
            raise NotDone(f"There is no file {given}.")
    with stopped_by_sigterm(), temporary() as folder:
        with step("copying the export"):
            copy = with_beside(export, folder / "export.zip", {"attendance.csv": attendance, "contacts.csv": contacts})
        installation = made(folder / "installation")
        with running_told(installation) as up:
            computer = introduced(installation)
            try:
                receipt = deliver(installation, computer, SLUG, copy)
            finally:
                computer.close()
            told(receipt)
            if receipt["state"] != "imported":
                raise NotDone("So nothing was imported, and there is nothing to look at.")
            shown(installation)
            await_end(up)


@contextmanager
def temporary(what: str = "rehearsal") -> Iterator[Path]:
    """Makes a folder for everything, including the export's copy, and removes all of it at the end. `what` names it."""
    folder = Path(tempfile.mkdtemp(prefix=f"homeroom-{what}-"))
    try:
        open_way(folder)
        yield folder
    finally:  # removed before anything is printed, because the terminal may be gone
        try:
            if (folder / "installation" / "homeroom.toml").exists():
                remove_installation(Installation.at(folder / "installation"))
        finally:
            shutil.rmtree(folder)
        say(f"Everything of the {what} is removed.")


def with_beside(export: Path, out: Path, beside: dict[str, Path | None]) -> Path:
    """Copies the ZIP with these files in it. They replace its own files of the same name."""
    wanted = {name: path for name, path in beside.items() if path is not None}
    if not wanted:
        shutil.copyfile(export, out)
        return out
    try:
        with (
            zipfile.ZipFile(export) as given,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made_,
        ):
            top = _top_folder(given.namelist())
            for entry in given.infolist():
                if entry.filename.removeprefix(top) not in wanted:
                    with given.open(entry) as source, made_.open(entry.filename, "w", force_zip64=True) as copy:
                        shutil.copyfileobj(source, copy, 1 << 20)
            for name, path in wanted.items():
                made_.write(path, top + name)
    except zipfile.BadZipFile as odd:
        raise NotDone(f"{export} is not a ZIP file.") from odd
    return out


def _top_folder(names: list[str]) -> str:
    """Returns the folder in the ZIP that all files are in, or an empty string. Some systems write one, and added files belong there too."""
    manifest = next((name for name in names if name.rpartition("/")[2] == "manifest.csv"), "")
    return manifest.removesuffix("manifest.csv")


def made(folder: Path) -> Installation:
    sftp, port, inbox = free_ports([2222, 8000, 8400])
    with step("making a gateway and a portal"):
        installation = make_installation(folder, "127.0.0.1", sftp, is_demo=True)
        words = ["--name", NAME, "--time-zone", local_zone(), "--phone", "(000) 000-0000"]
        words += ["--administrator", "First Administrator", "--administrator", "Second Administrator", "--passwords"]
        ports = ["--port", str(port), "--inbox-port", str(inbox)]
        answer = command("portal", "create", SLUG, *words, *ports, folder=folder)
    first = answer["administrators"][0]
    say(f"Administrator: {first['sign_in_name']}, password {first['password']}, authenticator key {first['authenticator']}")
    return installation


def local_zone() -> str:
    """Returns this computer's time zone. If it can't be read, returns America/Los_Angeles."""
    link = Path("/etc/localtime")
    name = str(link.resolve()).partition("zoneinfo/")[2] if link.exists() else ""
    return name.removeprefix("posix/") if "/" in name and not name.startswith("Etc/") else "America/Los_Angeles"


@contextmanager
def running_told(installation: Installation) -> Iterator[Any]:
    with step("starting them"):
        beside = running(installation)
        up = beside.__enter__()
    try:
        yield up
    finally:
        beside.__exit__(None, None, None)


def introduced(installation: Installation) -> DistrictComputer:
    with step("making a district's keys, known to gateway and portal"):
        return introduce(installation, SLUG)


def told(receipt: dict[str, Any]) -> None:
    """Prints the receipt: sentence, counts, refused rows and notes."""
    say(receipt["sentence"])
    rows = [(table, *(numbers.get(word, 0) for word in WORDS)) for table, numbers in receipt["counts"].items()]
    if rows:
        show("What was imported", ("table", *WORDS), rows)
    refused = [(row["file"], row["line"], row["column"], row["sentence"]) for row in receipt["rows"]]
    if refused:
        show("Rows left out", ("file", "line", "column", "why"), refused[:SHOWN])
    if len(refused) > SHOWN:
        say(f"and {len(refused) - SHOWN} rows more")
    for note in receipt["notes"]:
        say(f"Note: {noted(note)}")


WORDS = ("new", "changed", "ended", "same", "refused")
SHOWN = 50  # rows


def shown(installation: Installation) -> None:
    """Makes and prints sign-ins of one parent, teacher and student of the export. The parent has access to the student's record."""
    with step("making sign-ins for one person of each kind"):
        entries = sign_ins_for(installation.portal(SLUG))
    address = f"{Place.read(installation.portal(SLUG)).address}/"
    rows = [(address, entry["kind"], entry["sign_in_name"], entry["password"], entry["authenticator"]) for entry in entries]
    show("Look at it", ("address", "who", "sign-in name", "password", "authenticator key"), rows)
    say("Press Ctrl-C to stop; then everything is removed.")

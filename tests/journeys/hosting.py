"""The journey `hosting`: a new host with README's commands, nginx in front as in docs/hosting.md, and a district behind it. A delta is put on hold, and
two more wait behind it. An import is undone, and the next file is put on hold. The portal's disk is lost and restored. The portal is removed without a
trace.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import Plan
from homeroom.ops.demo.feeding import introduce
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.demo.madeup.sheets import manifest, write_zip
from homeroom.ops.demo.madeup.variants import read_texts, rows_of, text_of
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import command, free_ports, running
from homeroom.ops.removing_all import remove_installation
from homeroom.vault.store import Store
from tests.journeys import came_back, imports, nights, office
from tests.journeys.documented import ROOT, blocks, nginx, replaced
from tests.journeys.pages import chromium
from tests.journeys.sign_in.office import CARL, choose_password, enrol, type_code
from tests.journeys.sign_in.paper import CODE
from tests.journeys.sign_in.scene import SLUG, Scene, is_in
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

NAME = "portal.example.org"
SCORED = "SELECT count(*) FROM result r JOIN person p ON p.id = r.student_id WHERE p.sourced_id = '{}' AND r.score = {} AND r.ended_at IS NULL"


@dataclass(slots=True)
class Hosted(Stage):
    """Families' requests go to nginx."""

    def address(self, slug: str, path: str = "/") -> str:  # noqa: ARG002  one portal
        return f"https://{NAME}{path}"


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    folder = stage.installation.folder.parent / "host"
    folder.mkdir(mode=0o755)
    ports = free_ports(range(21_000, 21_004))
    installation, codes = by_readme(tale, folder, ports)
    hosted = Hosted(installation, read_settings(installation.folder), stage.post)
    try:
        way = (f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{ports[3]}", "--ignore-certificate-errors")
        with nginx(folder / "nginx", NAME, ports[3], ports[1]), chromium(*way) as browser:
            scene = Scene(hosted, tale, browser)
            with running(installation):
                signs_in(scene, codes[0])
                student = first_file(scene)
                undone(scene, three_deltas(scene, student))
                number = backed_up(scene, folder)
            comes_back(scene, folder, number)
        hosted.computers.pop(SLUG).close()
        leaves_no_trace(tale, installation, ports[:3])
    finally:
        for computer in hosted.computers.values():
            computer.close()
        if installation.folder.exists():
            remove_installation(installation)


def by_readme(tale: Tale, folder: Path, ports: list[int]) -> tuple[Installation, list[str]]:
    """Runs the block of commands for a new host. Returns the installation and the codes of its administrators."""
    block = next(each for each in blocks("README.md") if "homeroom new" in each)
    create = f"portal create {SLUG} --host {NAME} --secure --port {ports[1]} --inbox-port {ports[2]} "
    script = replaced(
        block, ("/opt/homeroom", str(ROOT)), ("/srv/homeroom", str(folder / "homeroom")), ("import.example.org", "127.0.0.1"),
        ("--listen 0.0.0.0", f"--listen 127.0.0.1 --sftp-port {ports[0]}"), (f"portal create {SLUG} ", create),
    )  # fmt: skip
    ended = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"})
    codes = CODE.findall(ended.stdout)
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    wanted = ["gateway.txt", "hybrid.asc", "portal.asc", "receipts.asc"]
    told = f"{', '.join(files)}; {len(codes)} codes" if ended.returncode == 0 else ended.stderr.strip()
    tale.line("a new host types README's commands", told, (ended.returncode, files, len(codes)) == (0, wanted, 2))
    if ended.returncode:
        raise NotDone(told)
    return Installation.at(folder / "homeroom"), codes


def signs_in(scene: Scene, code: str) -> None:
    scene.stage.passwords[f"{SLUG} {CARL}"] = "seven lanterns over the harbor"
    with scene.computer() as page:
        type_code(scene, page, code)
        choose_password(page, scene.password(CARL), CARL)
        enrol(scene, page, CARL)
        page.goto(scene.address("/imports"))
        scene.line("Carl types his code, through nginx, chooses a password and adds an app", page.inner_text("h1"), is_in(page))


def first_file(scene: Scene) -> str:
    """Returns the sourcedId of a student with scores."""
    stage = scene.stage
    place = stage.installation.folder / "districts" / SLUG
    place.mkdir(parents=True)
    roster = write_district(place / "export.zip", HARBOR, 1, date.today())  # noqa: DTZ011  the day here
    stage.computers[SLUG] = introduce(stage.installation, SLUG)
    _, said = imports.sent(stage, place / "export.zip")
    scene.line("the district sends its first file with gpg and sftp", said["counts"]["person"], said["state"] == "imported")
    scored = {row["studentSourcedId"] for row in rows_of(read_texts(place / "export.zip")["results.csv"])}
    return min(scored & set(roster.ids.values()) or scored)


def three_deltas(scene: Scene, student: str) -> Path:
    """Sends names that shifted by a column, and then two nightly files of scores. Returns the last one, sealed."""
    stage, first = scene.stage, imports.first(scene.stage)
    folder, sealed = first.parent, []
    nights.with_shifted_names(first, folder / "shifted.zip")
    as_delta(folder / "shifted.zip", folder / "delta-1.zip", "users")
    for number, score in ((2, "7"), (3, "9")):
        nights.with_scores(first, folder / f"scores-{number}.zip", student, score)
        as_delta(folder / f"scores-{number}.zip", folder / f"delta-{number}.zip", "results", student)
    reasons = []
    for number in (1, 2, 3):
        path, said = imports.sent(stage, folder / f"delta-{number}.zip")
        sealed.append(path)
        time.sleep(1)  # a signature's time is in seconds, and two files of the same second are not accepted
        reasons.append(f"{said['state']}: {said['reason']}")
    scene.line("a delta with shifted names, and two with scores", ", ".join(reasons), reasons == ["held: names-change", *["held: waits-behind"] * 2])
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/imports"))
        page.click(".file-strip li >> nth=2 >> a")
        office.decide(page, "reject", "The name columns have shifted; the vendor sends it again.")
    states = [imports.became(stage, sealed[0], "rejected")["state"], *(imports.became(stage, each, "imported")["state"] for each in sealed[1:])]
    nines = int(scene.owner(SCORED.format(student, 9)))
    scene.line("Carl rejects the first; the two behind it are imported, in order", f"{', '.join(states)}; {nines} scores of 9", nines > 0)
    return sealed[2]


def as_delta(export: Path, out: Path, stem: str, student: str = "") -> None:
    """Writes one table of an export as a delta, with only the rows of `student` if that is not empty."""
    texts = read_texts(export)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    rows = [row for row in rows_of(texts[f"{stem}.csv"]) if not student or row["studentSourcedId"] == student]
    text = text_of(texts[f"{stem}.csv"], [{**row, "status": "active", "dateLastModified": moment} for row in rows])
    write_zip(out, {"manifest.csv": manifest([stem], mode="delta"), f"{stem}.csv": text})


def undone(scene: Scene, last: Path) -> None:
    stage, first = scene.stage, imports.first(scene.stage)
    with scene.at_work(CARL) as page:
        office.open_newest(stage, page)
        office.decide(page, "undo", "The scores belong to another class.")
    said = imports.became(stage, last, "undone")
    scene.line("Carl undoes the last one", said["sentence"], said["state"] == "undone")
    sealed, said = imports.sent(stage, first)
    scene.line("the file after it", f"{said['state']}: {said['reason']}", (said["state"], said["reason"]) == ("held", "after-undo"))
    with scene.at_work(CARL) as page:
        office.open_newest(stage, page)
        office.decide(page, "approve", "The vendor has corrected the scores.")
    said = imports.became(stage, sealed, "imported")
    scene.line("Carl approves it", said["sentence"] or said["state"], said["state"] == "imported")


def backed_up(scene: Scene, folder: Path) -> int:
    installation = scene.stage.installation.folder
    made = command("keys", "make", "Lincoln Unified", "--out", str(folder / "sheets"), "--trial", folder=None)
    words = ["--restore-key", str(folder / "sheets" / "restore.pub"), "--restore-name", made["key"]]
    words += [word for tier in ("store", "archive", "offsite") for word in (f"--{tier}", str(folder / "tiers" / tier))]
    (folder / "signer").write_text(command("backup", "set-up", SLUG, *words, folder=installation)["signer"])
    backup = command("backup", "run", SLUG, folder=installation)
    scene.line("the host makes a backup, and it is proven by restoring", f"backup {backup['number']}", backup["drill"]["rows"] == backup["rows"] > 10_000)
    return int(backup["number"])


def comes_back(scene: Scene, folder: Path, number: int) -> None:
    """The portal's folder is lost and restored from the off-site tier. It works again: file, receipt, backup."""
    from tests.journeys.lost_disk import words_on

    installation = scene.stage.installation
    shutil.rmtree(installation.portal(SLUG))
    for share in (1, 3):
        (folder / f"share-{share}").write_text(words_on(folder / "sheets" / f"share-{share}.pdf"))
    shares = [word for share in (1, 3) for word in ("--share", str(folder / f"share-{share}"))]
    words = ("--from", str(folder / "tiers" / "offsite"), "--erasure", str(installation.folder / "vault" / SLUG / f"{SLUG}.json"))
    answer = command("restore", SLUG, *words, "--signer", (folder / "signer").read_text(), *shares, folder=installation.folder)
    scene.line("the portal's disk is lost, and comes back from two sheets", answer["at"], answer["number"] == number)
    (folder / "district").mkdir()
    shutil.copyfile(imports.first(scene.stage), folder / "district" / "export.zip")
    with running(installation):
        came_back.takes_a_file(scene, scene.stage.computers[SLUG], folder)
        came_back.keeper_makes_a_backup(scene, Store(Plan.read(installation.portal(SLUG)).urls["store"]), number)


def leaves_no_trace(tale: Tale, installation: Installation, ports: list[int]) -> None:
    """Removes the portal, then everything, and looks for what is left of it."""
    folder = installation.folder
    units = folder.parent / "units"
    units.mkdir()
    command("host", "units", "--into", str(units), folder=folder)
    written = sorted(path.name for path in units.iterdir())
    goes = command("portal", "remove", SLUG, "--dry-run", folder=folder)
    tale.line("the host asks what a removal would take", f"{len(goes['goes'])} things", not goes["is_done"] and (folder / "portals" / SLUG).exists())
    command("portal", "remove", SLUG, "--yes", folder=folder)
    left = traces(folder / "portals" / SLUG, ports[1:]) + [path.name for path in units.iterdir() if SLUG in path.name]
    tale.line("the portal is removed", left or f"no user, process, file, port or unit of it; {', '.join(written)} were there", not left)
    keys = folder / "vault" / SLUG / f"{SLUG}.json"
    command("keys", "destroy", SLUG, "--file", str(keys), "--all", "--yes", folder=None)
    shutil.move(folder / "districts", folder.parent / "districts")  # the district's computer is another one
    command("remove", "--yes", folder=folder)
    left = traces(folder, ports) + [path.name for path in units.iterdir()]
    tale.line("everything is removed", left or "nothing of it is left", not left)


def traces(folder: Path, ports: list[int]) -> list[str]:
    """Returns system users, processes, files and ports that are left of a folder."""
    users = [entry.pw_name for entry in pwd.getpwall() if re.search(rf"{re.escape(str(folder))}\b", entry.pw_gecos)]
    processes = [words.replace("\0", " ") for words in command_lines() if str(folder) in words]
    return [*users, *processes, *([str(folder)] if folder.exists() else []), *(str(port) for port in ports if answers(port))]


def command_lines() -> Iterator[str]:
    """Yields the command line of every running process on this computer."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended in the meantime
            yield path.read_text(errors="replace")


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0

"""The journey `lost-disk`: a backup is made and tested. Then a court order keeps a mother from one child's record, and the host is lost. One tier, two
printed shares and the erasure key restore the portal on an empty computer, and the mother stays out. It works again: file, receipt, backup.
"""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import Plan
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import command, running, stop
from homeroom.ops.removing_all import remove_installation
from homeroom.vault.store import Store
from tests.journeys import came_back, file
from tests.journeys.pages import chromium
from tests.journeys.sign_in.office import CARL, JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, said, sent
from tests.journeys.stage import Stage, names_in
from tests.journeys.tale import Tale
from tests.journeys.ties_office import bar_from_nina
from tests.journeys.ties_tutor import nina

WORD = re.compile(r"(\d{1,2}) +([a-z]+)(?= |$)", re.MULTILINE)
NAMES = ["nina.ruiz", "Larsen", "Algebra", "Elementary"]  # four characters would be in 25 MB of random bytes once in two hundred times
BARRED = "SELECT count(*) FROM restriction r JOIN account a ON a.person_id = r.person_id WHERE a.sign_in_name = 'ana.ruiz'"
SUMS = "SELECT (SELECT count(*) FROM person) || ' people, ' || (SELECT count(*) FROM result) || ' results'"
LEDGER = "SELECT count(*) FROM ledger WHERE event = 'restored'"
PATIENCE = 60.0  # seconds: the limit for a note


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        child = f"/children/{nina(scene)}"
        backed_up(scene)
        before = scene.owner(SUMS)
        bars(scene, child)
        tier = carried(scene)
        kept = lose_the_host(scene, tier)
        bare = refused(scene, kept)
        number = back(scene, bare, kept)
        scene.stage.kept.clear()
        with running(bare):
            shut(scene)
            confirmed(scene)
            out(scene, child, before)
            computer = came_back.known_again(bare, kept)
            came_back.takes_a_file(scene, computer, kept)
            came_back.keeper_makes_a_backup(scene, Store(Plan.read(bare.portal(SLUG)).urls["store"]), number)
        came_back.lost_on_s3(scene, computer, kept)
        remove_installation(bare)


def backed_up(scene: Scene) -> None:
    made = command("backup", "run", SLUG, folder=scene.stage.installation.folder)
    told = f"backup {made['number']}, {made['rows']} rows, {made['bytes']} bytes; restored from the {made['drill']['tier']} copy, every sum agrees"
    scene.line("the operator makes a backup, and it is proven by restoring", told, made["drill"]["rows"] == made["rows"] > 10_000)
    listed = command("backup", "list", SLUG, folder=scene.stage.installation.folder)
    tiers = sorted(each["tier"] for each in listed["backups"])
    scene.line("he lists what lies where", tiers, tiers == ["archive", "offsite", "store"])
    is_wiped = not (scene.stage.installation.portal(SLUG) / "drill").exists()
    scene.line("he looks for what the drill restored", "nothing is left" if is_wiped else "its folder is there", is_wiped)


def bars(scene: Scene, child: str) -> None:
    with scene.signed_in("ana.ruiz") as hers:
        status = goes(hers, scene.address(child))
        scene.line("Ana opens Nina's page", status, status == 200)
        with scene.at_work(CARL) as page:
            bar_from_nina(scene, page, "Ana Ruiz")
            scene.line("after the backup, Carl bars Ana from Nina by a court's order", page.inner_text("#said"), scene.owner(BARRED) == "1")
        status = goes(hers, scene.address(child))
        scene.line("Ana opens Nina's page again", status, status == 404)


def carried(scene: Scene) -> Path:
    """Waits for the note in the tier that is farthest away."""
    tier = scene.stage.installation.folder / "tiers" / SLUG / "offsite"
    began, notes = time.monotonic(), tier / SLUG / "notes"
    while not (notes.exists() and any(notes.iterdir())):
        if time.monotonic() - began > 3 * PATIENCE:
            raise NotDone("The note of the restriction did not come off-site.")
        time.sleep(0.5)
    took = time.monotonic() - began
    scene.line("the note of it lies off-site", f"after {took:.0f} s", took <= PATIENCE)
    names = [*NAMES, scene.stage.ids(SLUG)["Nina Ruiz"]]
    found = [name for folder in ("store", "archive", "offsite") for name in names_in(tier.with_name(folder), names)]
    scene.line("somebody with all three stores looks for names", found or "none", not found)
    return tier


def lose_the_host(scene: Scene, tier: Path) -> Path:
    """Loses the host, with users. Returns the folder of what is left: the off-site tier, two sheets, the erasure keys."""
    stage = scene.stage
    folder = stage.installation.folder
    kept = folder.parent / "kept"
    kept.mkdir()
    shutil.copytree(tier, kept / "offsite")
    shutil.copyfile(folder / "vault" / SLUG / f"{SLUG}.json", kept / "erasure.json")
    shutil.copyfile(folder / "vault" / "harbor" / "harbor.json", kept / "harbor.json")
    (kept / "signer").write_text((folder / "portals" / SLUG / "cert" / "backup.pub").read_text().strip())
    for number in (1, 3):
        (kept / f"share-{number}").write_text(words_on(folder / "safe" / SLUG / f"share-{number}.pdf"))
    shutil.copyfile(folder / "safe" / SLUG / "restore.pub", kept / "restore.pub")
    if stage.up is not None:
        stop(stage.up)
    stage.computers.pop(SLUG).close()
    shutil.move(folder / "districts" / SLUG, kept / "district")  # the district's computer is in another building
    remove_installation(stage.installation)
    scene.line("the host burns", f"{folder.name} is gone", not folder.exists())
    return kept


def words_on(sheet: Path) -> str:
    """Returns the words as the sheet's holder reads them, with Debian's pdftotext."""
    text = subprocess.run(["pdftotext", "-layout", str(sheet), "-"], capture_output=True, text=True, check=True).stdout
    words = {int(number): word for number, word in WORD.findall(text)}
    return " ".join(words[number] for number in range(1, 34))


def refused(scene: Scene, kept: Path) -> Installation:
    """Makes an installation on an empty computer, and tries restores that must fail there."""
    folder = kept.parent / "bare"
    settings = scene.stage.settings
    command("new", str(folder), "--sftp-port", str(settings.sftp_port), folder=None)
    share = ["--share", str(kept / "share-1")]
    for told, words in (
        ("one share alone", share),
        ("the same share twice", share * 2),
        ("two shares, and another district's erasure key", [*share, "--share", str(kept / "share-3"), "--erasure", str(kept / "harbor.json")]),
        ("two shares, and no word of whose signature it is", [*share, "--share", str(kept / "share-3")]),
    ):
        try:
            restore(folder, kept, *words, has_signer="signature" not in told)
            sentence = ""
        except NotDone as no:
            sentence = str(no)
        scene.line(f"restore with {told}", sentence or "restored", bool(sentence) and not (folder / "portals" / SLUG).exists())
    return Installation.at(folder)


def restore(folder: Path, kept: Path, *words: str, has_signer: bool = True) -> dict[str, object]:
    """Later words override earlier ones. Raises NotDone."""
    given = ["--from", str(kept / "offsite"), "--erasure", str(kept / "erasure.json")]
    given += ["--signer", (kept / "signer").read_text()] if has_signer else []
    answer: dict[str, object] = command("restore", SLUG, *given, *words, folder=folder)
    return answer


def back(scene: Scene, bare: Installation, kept: Path) -> int:
    """Returns the backup's number."""
    began = time.monotonic()
    answer = restore(bare.folder, kept, "--share", str(kept / "share-1"), "--share", str(kept / "share-3"))
    told = f"in {time.monotonic() - began:.0f} s; {json.dumps(answer)}"
    scene.line("restore with two shares and the erasure key, from one tier", told, answer["missing_notes"] == 0 and answer["notes"] == 1)
    scene.stage.installation = bare
    scene.stage.settings = read_settings(bare.folder)
    return int(str(answer["number"]))


def shut(scene: Scene) -> None:
    with scene.computer() as page:
        scene.by_password(page, "ana.ruiz")
        text = page.inner_text("main")
        scene.line("Ana signs in before anybody has looked", said(page) or page.inner_text("h1"), not is_in(page) and "restored" in text)
    sessions = scene.owner("SELECT count(*) FROM session WHERE ended_at IS NULL")
    scene.line("psql looks for a session that outlived the disk", sessions, sessions == "0")


def confirmed(scene: Scene) -> None:
    with scene.signed_in(CARL) as page:
        page.goto(scene.address("/office/restoration"))
        text = page.inner_text("main")
        scene.line("Carl signs in and reads what was closed since the backup", said(page), "Ana Ruiz" in text and "Nina Ruiz" in text)
        page.fill("#why", "The court's order of today, folder 12.")
        sent(page, "main form[action='/office/restoration/opening'] button")
        scene.line("he proposes to open sign-in", page.inner_text("h1"), page.url.endswith("then=proposed"))
    with scene.signed_in(JOAN) as page:
        page.goto(scene.address("/office/two-people"))
        sent(page, "button[value=second]")
        answer = scene.owner("SELECT count(*) FROM restoration WHERE confirmed_at IS NOT NULL")
        scene.line("Joan confirms it", said(page) or page.inner_text("h1"), answer == "1")


def out(scene: Scene, child: str, before: str) -> None:
    scene.line("psql counts what came back", scene.owner(SUMS), scene.owner(SUMS) == before)
    scene.line("psql reads the ledger's line of it", scene.owner(LEDGER), scene.owner(LEDGER) == "1")
    with scene.signed_in("ana.ruiz") as page:
        page.goto(scene.address("/"))
        text = page.inner_text("main")
        scene.line("Ana signs in by the password she had", page.inner_text("h1"), is_in(page) and "Leo" in text and "Algebra" not in text)
        scene.line("she reads what may be missing", "restored" in page.inner_text("body"), "restored" in page.inner_text("body"))
        status = goes(page, scene.address(child))
        scene.line("she opens Nina's page by its address", f"{status}, {page.inner_text('h1')}", status == 404)
    with scene.signed_in("nina.ruiz") as page:
        page.goto(scene.address("/"))
        scene.line("Nina signs in and reads her own", page.inner_text("h1"), "Algebra 1" in page.inner_text("main"))

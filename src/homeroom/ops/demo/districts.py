"""`homeroom demo`: two made-up districts on loopback. They run as in production and get their files as from real districts."""

import json
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pyotp

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone, err, say, show
from homeroom.ops.demo.feeding import deliver, introduce, make_people
from homeroom.ops.demo.madeup.district import Roster, write_district
from homeroom.ops.demo.plan import HARBOR_DEMO, LINCOLN_DEMO, DemoDistrict
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.new import make_installation
from homeroom.ops.host.release import is_current
from homeroom.ops.host.running import await_end, command, free_ports, running, stopped_by_sigterm
from homeroom.ops.removing_all import remove_installation
from homeroom.ops.steps import step
from homeroom.portal.place import Place

SIGN_INS = "sign-ins.json"  # written last, so a folder without it is half made
DISTRICTS = (LINCOLN_DEMO, HARBOR_DEMO)


def run_demo(folder: Path) -> None:
    """Runs the demo until Ctrl-C. Raises NotDone."""
    with stopped_by_sigterm():
        _run(folder)


def _run(folder: Path) -> None:
    installation, is_new = found_or_made(folder)
    for slug in [slug for slug in installation.slugs() if not is_current(installation.portal(slug))]:
        with step(f"bringing {slug} to this release"):
            command("portal", "upgrade", slug, folder=folder)
    with step("starting the gateway and both portals"):
        beside = running(installation)
        up = beside.__enter__()
    try:
        if is_new:
            feed(installation, DISTRICTS)
        tell(installation)
        await_end(up)
    finally:
        beside.__exit__(None, None, None)
        say("Everything is stopped. The data stays for the next `homeroom demo`.")


def found_or_made(folder: Path) -> tuple[Installation, bool]:
    """Returns the installation, and whether it is new. Makes a folder again if an earlier start left it half made. Raises NotDone."""
    folder.mkdir(parents=True, exist_ok=True)
    open_way(folder.resolve())
    if (folder / "homeroom.toml").exists():
        installation = Installation.at(folder)
        if (folder / SIGN_INS).exists():
            return installation, False
        if installation.words.get("demo") is not True:
            raise NotDone(f"{folder} holds an installation that is no demonstration. Name another --folder.")
        remove_installation(installation)
        folder.mkdir(parents=True, exist_ok=True)
    return build(folder, DISTRICTS), True


def build(folder: Path, districts: Sequence[DemoDistrict], wished: Sequence[int] = ()) -> Installation:
    """Makes the installation, its portals, and each district's computer with its export. `wished` are ports: the gateway's, then two per district. If it
    is empty, they are 2222 and those of the districts. A free port replaces one in use."""
    sftp, *ports = free_ports(wished or [2222, *(port for district in districts for port in district.ports)])
    with step("making the gateway"):
        installation = make_installation(folder, "127.0.0.1", sftp, is_demo=True)
    with step("making the portals and the exports"), ThreadPoolExecutor() as pool:
        pairs = zip(ports[::2], ports[1::2], strict=True)
        portals = [
            pool.submit(make_portal, folder, district, *pair) for district, pair in zip(districts, pairs, strict=True)
        ]
        for district in districts:
            roster = write_export(folder, district)
            (folder / "districts" / district.shape.slug / "roster.json").write_text(json.dumps(roster.ids))
        made = {district.shape.slug: portal.result() for district, portal in zip(districts, portals, strict=True)}
    (folder / "administrators.json").write_text(
        json.dumps({slug: answer["administrators"] for slug, answer in made.items()})
    )
    (folder / "administrators.json").chmod(0o600)
    with step("making restore keys, and a vault on this computer"), ThreadPoolExecutor() as pool:
        list(pool.map(lambda district: make_vault(folder, district), districts))
    return installation


def make_portal(folder: Path, district: DemoDistrict, port: int, inbox_port: int) -> Any:
    shape = district.shape
    words = ["--name", shape.name, "--time-zone", "America/Los_Angeles", "--phone", district.phone]
    words += [part for name in district.administrators for part in ("--administrator", name)]
    words += ["--port", str(port), "--inbox-port", str(inbox_port), "--passwords"]
    return command("portal", "create", shape.slug, *words, folder=folder)


def make_vault(folder: Path, district: DemoDistrict) -> None:
    """Makes a restore key and sets up backups. The key's sheets are in safe/<portal>, in place of three safes. The tiers are in tiers/<portal>."""
    slug, tiers = district.shape.slug, folder.resolve() / "tiers" / district.shape.slug
    sheets = folder / "safe" / slug
    made = command("keys", "make", district.shape.name, "--out", str(sheets), "--trial", folder=None)
    words = ["--restore-key", str(sheets / "restore.pub"), "--restore-name", made["key"]]
    for tier in ("store", "archive", "offsite"):
        words += [f"--{tier}", str(tiers / tier)]
    command("backup", "set-up", slug, *words, folder=folder)


def write_export(folder: Path, district: DemoDistrict) -> Roster:
    place = folder / "districts" / district.shape.slug
    place.mkdir(parents=True, exist_ok=True)
    return write_district(place / "export.zip", district.shape, district.seed, date.today())  # noqa: DTZ011  the day here


def feed(installation: Installation, districts: Sequence[DemoDistrict]) -> None:
    """Sends each district's export over SFTP, then makes the accounts. Raises NotDone."""
    password, key = new_password(), pyotp.random_base32()
    with step("both districts send their files and get their sign-ins"), ThreadPoolExecutor() as pool:
        fed = [pool.submit(feed_one, installation, district, password, key) for district in districts]
        shown = [entry for each in fed for entry in each.result()]
    path = installation.folder / SIGN_INS
    path.write_text(json.dumps(shown, indent=1))
    path.chmod(0o600)


def feed_one(installation: Installation, district: DemoDistrict, password: str, key: str) -> list[dict[str, str]]:
    slug = district.shape.slug
    with step(f"{slug}: the district's own keys, made known to gateway and portal"):
        computer = introduce(installation, slug)
    try:
        receipt = deliver(installation, computer, slug, computer.folder / "export.zip")
    finally:
        computer.close()
    err.print(f"{slug}: {sentence_of(receipt)}", markup=False)
    ids = json.loads((computer.folder / "roster.json").read_text())
    with step(f"{slug}: accounts, access and duties"):
        make_people(installation, slug, district.plan(ids, password, key))
    administrators = json.loads((installation.folder / "administrators.json").read_text())
    return sign_ins(district, administrators[slug], password, key)


def sentence_of(receipt: dict[str, Any]) -> str:
    """Returns the receipt's sentence. Raises NotDone if the export was not imported."""
    if receipt["state"] != "imported":
        raise NotDone(receipt["sentence"])
    return str(receipt["sentence"])


def sign_ins(district: DemoDistrict, administrators: Sequence[dict[str, str]], password: str, key: str) -> list[dict[str, str]]:
    slug = district.shape.slug
    people = [
        {
            "portal": slug,
            "name": e.name,
            "kind": e.kind,
            "sees": e.sees,
            "sign_in_name": e.sign_in_name,
            "password": password,
            "authenticator": key if e.side == "staff" else "",
        }
        for e in district.people
    ]
    sees = ("imports", "imports: confirms what the other one answers")
    offices = [{"portal": slug, "kind": "administrator", "sees": each, **entry} for each, entry in zip(sees, administrators, strict=True)]
    return [*people, *offices]


def tell(installation: Installation) -> None:
    """Prints addresses and sign-ins on standard output."""
    entries = json.loads((installation.folder / SIGN_INS).read_text())
    places = {slug: Place.read(installation.portal(slug)) for slug in installation.slugs()}
    rows = [
        (
            f"{places[e['portal']].address}/",
            e["kind"],
            e["name"],
            e["sees"],
            e["sign_in_name"],
            e["password"],
            e["authenticator"],
        )
        for e in entries
    ]
    columns = ("address", "who", "name", "sees", "sign-in name", "password", "authenticator key")
    show("Made-up districts, made-up people", columns, rows)
    settings = read_settings(installation.folder)
    say(f"The gateway: sftp -P {settings.sftp_port} SENDER@{settings.sftp_host}. All is in {installation.folder}.")
    digits = f"homeroom demo --folder {installation.folder} --code bo.larsen"
    say(f"Staff sign in with six digits, too: `{digits}` prints those of now, as an app with the key would.")
    say("Press Ctrl-C to stop.")


def new_password() -> str:
    """Returns one password for all made-up people of a folder. It is easy to type on a phone."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))

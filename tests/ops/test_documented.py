"""Follows README and docs/hosting.md as a new host and a district's IT staff would. Each block of commands runs as written, on a computer of its own.

The computer is a pair of namespaces: /opt/homeroom is this checkout, /srv is empty, import.example.org is the loopback, and no other network exists. `make
test` runs this test, and test_demo tests `make demo`. So for these two, make only says what it would do. test_proxy tests nginx and Caddy.
"""

import json
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from homeroom.judging.receipt import IMPORTED
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.portal.processes.cluster import BINARIES
from tests.journeys.documented import ROOT, blocks, replaced

HOSTS = "127.0.0.1 localhost import.example.org\n"
HOME = pwd.getpwuid(os.getuid()).pw_dir  # OpenSSH reads this folder, no matter what HOME says
LOOPBACK_UP = """
import fcntl, socket, struct
with socket.socket() as one:
    fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"lo", 0x49))  # SIOCSIFFLAGS: IFF_UP, IFF_LOOPBACK, IFF_RUNNING
"""
OPENS = """
import time, urllib.request
until = time.monotonic() + 60
while True:
    try:
        print(urllib.request.urlopen("http://localhost:8000/sign-in").read().decode())
        break
    except OSError:
        assert time.monotonic() < until
        time.sleep(0.2)
"""
TAKE_AWAY = """
from pathlib import Path
from homeroom.ops.host.installation import Installation
from homeroom.ops.removing_all import remove_installation
remove_installation(Installation.at(Path("/srv/homeroom")))
"""
COMPUTER = """
mount --bind {root} {folder}/opt/homeroom
mount --rbind {folder}/opt /opt
mount --bind {folder}/srv /srv
mount --bind {folder}/hosts /etc/hosts
mkdir {folder}/real
mount --rbind {home} {folder}/real
mount -t tmpfs -o mode=$(stat -c %a {home}) home {home}
for each in {folder}/real/.[!.]* {folder}/real/*; do
    name=${{each##*/}}
    case $name in .ssh|.gnupg|.config) continue;; esac
    if [ -d "$each" ]; then mkdir "{home}/$name"; mount --rbind "$each" "{home}/$name"
    elif [ -f "$each" ]; then touch "{home}/$name"; mount --bind "$each" "{home}/$name"; fi
done
ended() {{
    gpgconf --homedir {home}/.gnupg --kill all
    [ ! -f {folder}/up.pid ] || {{ kill $(cat {folder}/up.pid); wait; }}
    [ ! -f /srv/homeroom/homeroom.toml ] || {python} -c '{take_away}'
}}
trap ended EXIT
"""
REHEARSED = """
{command} > $HOME/rehearsed 2>&1 & running=$!
while ! grep -q http:// $HOME/rehearsed && kill -0 $running; do sleep 0.2; done
cat $HOME/rehearsed; kill -INT $running; wait $running
"""
PORT = (("GATEWAY", "import.example.org"), ("PORT", "2222"))


@dataclass(frozen=True)
class Followed:
    told: dict[str, str]  # what each step printed
    folder: Path


def at_home(script: str) -> str:
    """Returns the script as the district's IT staff run it, in a new home."""
    return f"bash -euo pipefail -c {shlex.quote(f'export HOME={HOME}; cd ~; {script}')}"


def python(script: str) -> str:
    return f"{sys.executable} - <<'END'{script}END"


def steps(folder: Path) -> dict[str, str]:
    """Returns each step by its name, in order."""
    tries, rehearsal, by_hand, easier, host, add, more = blocks("README.md")
    once, nightly = by_hand.split("# every night\n")
    district, paper, at_host = folder / "district", folder / "paper", f"cd {folder}/host\n"
    serve = ("homeroom up ", f"homeroom up > {folder}/up.log 2>&1 & echo $! > {folder}/up.pid; ")
    examine = ("homeroom doctor ", f"homeroom doctor --json > {folder}/told/doctor || true ")
    harden = ("homeroom host harden --check ", f"homeroom host harden --check --json > {folder}/told/harden || true ")
    return {
        "targets": f"cd /opt/homeroom; make -n {' '.join(re.findall(r'^make (\S+)', tries, re.MULTILINE))}",
        "rehearsal": rehearsed(replaced(rehearsal, ("EXPORT.zip", f"{district}/export.zip"), (" attendance.csv", f" {district}/attendance.csv"))),
        "host": f"{at_host}{host}cp portal.asc hybrid.asc receipts.asc gateway.txt {paper}",
        "once": at_home(f"cp {district}/export.zip {paper}/* .\n{once}cp homeroom-sftp.pub signing.asc {folder}/host"),
        "add": f"{at_host}{replaced(add, serve)}{python(OPENS)}",
        "nightly": at_home(replaced(nightly, *PORT)),
        "receipt": at_home(verified()),
        **by_our_commands(folder, *easier.split("homeroom send")),
        **hosting(),
        "more": f"{at_host}{replaced(more, examine, harden)}",
    }


def rehearsed(block: str) -> str:
    """Returns a script that runs the last command until it prints its address, and then sends Ctrl-C."""
    *first, last = block.strip().splitlines()
    return "\n".join(["cd /opt/homeroom", *first, REHEARSED.format(command=last.split("  #")[0])])


def verified() -> str:
    dearmor, verify = blocks("docs/receipts.md")
    fetch, check = replaced(verify, *PORT, ("20261125T020304Z-5a0c1f3b7e21.json.asc", "$(ls *.json.asc | head -1)")).strip().splitlines()
    return f"for n in $(seq 60); do {fetch} && break; sleep 1; done\n{dearmor}\n{check}"


def by_our_commands(folder: Path, pin: str, send: str) -> dict[str, str]:
    paper = f"$(sed -n 's/^Fingerprint: //p' {folder}/told/host | head -1)"
    carry = f"cp ~/.config/homeroom/lincoln/ssh_key.pub ~/.config/homeroom/lincoln/sign.asc {folder}/host"
    return {
        "pin": at_home(f"cp export.zip yesterday.zip\n{replaced(pin, *PORT, ('5A0C 9F…', paper))}\n{carry}"),
        "pinned": f"cd {folder}/host; homeroom sender add lincoln-sis --ssh-key ssh_key.pub --sign-key sign.asc --portal lincoln",
        "send": at_home(f"homeroom send {send}"),
    }


def hosting() -> dict[str, str]:
    nginx, caddy, read, mail = blocks("docs/hosting.md")
    assert nginx.startswith("server {") and caddy.startswith("portal.example.org {")
    return {
        "mail": f"cat >> /srv/homeroom/portals/lincoln/portal.toml <<'END'\n\n{mail}END",
        "read": f"printf 'SELECT count(*) FROM person;\\nDELETE FROM person;\\n' | PATH=$PATH:{BINARIES} {read}",
    }


@pytest.fixture(scope="module")
def followed() -> Iterator[Followed]:
    folder = Path(tempfile.mkdtemp(prefix="hr-doc-"))
    folder.chmod(0o755)
    for name in ("opt/homeroom", "srv", "host", "district", "paper", "told"):
        (folder / name).mkdir(parents=True)
    (folder / "hosts").write_text(HOSTS)
    write_district(folder / "district" / "export.zip", HARBOR, 1, date.today())  # noqa: DTZ011  the day here
    zipfile.ZipFile(folder / "district" / "export.zip").extract("attendance.csv", folder / "district")
    computer = COMPUTER.format(root=ROOT, folder=folder, home=HOME, python=sys.executable, take_away=TAKE_AWAY)
    script = [python(LOOPBACK_UP), computer, f"export HOME={folder}/host"]
    script += [f"echo {name} > {folder}/at\n{{\n{step}\n}} > {folder}/told/{name} 2>&1" for name, step in steps(folder).items()]
    try:
        told = ran(folder, "\n".join(script))
        yield Followed(told, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ran(folder: Path, script: str) -> dict[str, str]:
    """Returns what each step printed."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ} | {"LC_ALL": "C.UTF-8"}
    own = [] if os.getuid() == 0 else ["--map-current-user", "--keep-caps"]
    words = ["unshare", *own, "--mount", "--net", "bash", "-euo", "pipefail", "-c", script]
    ended = subprocess.run(words, env=kept, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    told = {path.name: path.read_text() for path in (folder / "told").iterdir()}
    at = (folder / "at").read_text().strip() if (folder / "at").exists() else ""
    assert ended.returncode == 0, f"{at}: {told.get(at, '')[-3000:]} {ended.stderr[-2000:]}"
    return told


def test_a_checkout_becomes_a_portal_that_imports_a_districts_file(followed: Followed) -> None:
    assert len(re.findall(r"│ [A-Z]\w+ [A-Z]\w+ +│ [0-9A-Z]{5} [0-9A-Z]{5} [0-9A-Z]{5} ", followed.told["host"])) == 2, "two administrators with a code"
    assert "Lincoln Unified" in followed.told["add"] and "have a letter" in followed.told["add"]
    signed = followed.told["receipt"]
    assert '"state": "imported"' in signed and 'Good signature from "Lincoln Unified (Homeroom receipts)"' in signed


def test_the_fingerprints_on_the_paper_are_those_that_gpg_shows(followed: Followed) -> None:
    paper = re.findall(r"^Fingerprint: (.+)$", followed.told["host"], re.MULTILINE)
    shown = [" ".join(line.split()) for line in followed.told["once"].splitlines()]
    assert len(paper) == 2 and all(each in shown for each in paper)


def test_the_commands_of_ours_send_the_same_file(followed: Followed) -> None:
    assert IMPORTED in followed.told["send"] and "person: 639 same" in followed.told["send"]


def test_the_doctor_asks_for_a_backup_and_for_nothing_that_readme_should_have_said(followed: Followed) -> None:
    wrong = {line["what"] for line in json.loads(followed.told["doctor"]) if line["state"] != "ok"}
    people = {f"incidents: {each}" for each in ("chief executive", "CTO", "IT lead", "support lead", "drills")} | {"lincoln: contact for incidents"}
    people |= {"lincoln: security contact", "lincoln: yearly review"}
    assert wrong - {"clock"} == {"lincoln: mail", "lincoln: backups", *people}, "the relay of the page is nobody's, and the people are the host's"


def test_the_check_of_the_host_finds_the_portal_s_ports_and_no_backup(followed: Followed) -> None:
    found = {line["what"]: line["state"] for line in json.loads(followed.told["harden"])}
    assert found["open ports"] == "ok" and found["lincoln: backups"] == "bad" and not any(what.startswith("open ports:") for what in found)


def test_the_district_reads_its_database_and_a_slip_changes_nothing(followed: Followed) -> None:
    assert " 641\n" in followed.told["read"], "639 people of the file and two administrators"
    assert "cannot execute DELETE in a read-only transaction" in followed.told["read"]


def test_make_knows_both_commands(followed: Followed) -> None:
    assert "homeroom demo" in followed.told["targets"] and "pytest" in followed.told["targets"]


def test_a_rehearsal_shows_the_file_and_leaves_nothing(followed: Followed) -> None:
    assert "Press Ctrl-C" in followed.told["rehearsal"]
    assert not list(followed.folder.glob("srv/*/portals/*")), "nor does the portal that this test removed"

"""`homeroom host harden --check`: reads the host around Homeroom and says for each thing what to do. Changes nothing."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from homeroom.ops.backup import findings as backup_findings
from homeroom.ops.doctor import host as doctor_host
from homeroom.ops.doctor.examination import guarded
from homeroom.ops.doctor.listening import listening
from homeroom.ops.doctor.tls_grade import graded
from homeroom.ops.hardening import disks, packet_filter, ssh_server, upkeep
from homeroom.ops.hardening.asking import heard
from homeroom.ops.hardening.needed_ports import needed_ports
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import inside_address

WORDS = {"ok": "good", "warn": "to do", "bad": "to do now", "unknown": "can't tell"}
Tell = Callable[[str, int, int], None]


def check(installation: Installation, tell: Tell) -> list[Finding]:
    folders = [installation.folder, *(path for path in installation.folder.glob("portals/*/database") if path.is_dir())]
    steps: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("open ports", lambda: guarded(listening, installation.folder)),
        ("firewall", lambda: guarded(lambda _: iter(heard("firewall", lambda: packet_filter.firewall(needed_ports(installation)))), installation.folder)),
        ("disk encryption", lambda: heard("disk encryption", lambda: disks.disks(folders))),
        ("swap", lambda: heard("swap", disks.swap)),
        ("clock", lambda: [doctor_host.clock()]),
        ("SSH", lambda: heard("SSH", ssh_server.ssh_server)),
        ("updates", lambda: heard("updates", upkeep.updates)),
        ("kernel", lambda: heard("kernel", upkeep.kernel)),
    ]
    for portal in installation.whole():
        steps.append((f"backups of {portal.name}", lambda portal=portal: guarded(newest_backup, portal)))  # type: ignore[misc]
        if (portal / "secrets" / "front-tls.pem").exists():
            steps.append((f"TLS of {portal.name}", lambda portal=portal: guarded(front, portal)))  # type: ignore[misc]
    found = []
    for done, (what, step) in enumerate(steps):
        tell(what, done, len(steps))
        found += step()
    return found


def newest_backup(portal: Path) -> Iterator[Finding]:
    """The doctor's first finding about backups is about the newest one."""
    return islice(backup_findings.backups(portal), 1)


def front(portal: Path) -> Iterator[Finding]:
    place = Place.read(portal)
    return graded(portal.name, inside_address(portal).strip("[]"), place.port, place.host)

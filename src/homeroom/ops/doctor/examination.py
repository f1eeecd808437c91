"""`homeroom doctor`: examines an installation and says what to do about each problem."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from homeroom.ops.answers import show
from homeroom.ops.backup import findings as backup_findings
from homeroom.ops.backup.plan import vault_folders
from homeroom.ops.doctor import database as doctor_database
from homeroom.ops.doctor import host as doctor_host
from homeroom.ops.doctor import ledger as doctor_ledger
from homeroom.ops.doctor import lines as doctor_lines
from homeroom.ops.doctor import listening as doctor_listening
from homeroom.ops.doctor import mail as doctor_mail
from homeroom.ops.doctor import yearly as doctor_yearly
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation, half_made
from homeroom.ops.incident import findings as incident_findings

WORDS = {"ok": "ok", "warn": "take care", "bad": "wrong", "unknown": "can't tell"}


def examine(installation: Installation) -> list[Finding]:
    """Returns all findings. Never starts, stops or changes anything."""
    found = [*doctor_host.host(installation), *guarded(doctor_listening.listening, installation.folder)]
    found += guarded(doctor_host.units, installation.folder)
    for look in GATEWAY if installation.has_gateway else ():
        found += guarded(look, installation.gateway)
    found += guarded(backup_findings.keeper, installation.folder)
    found += guarded(incident_findings.incidents, installation.folder)
    found += [Finding("bad", portal.name, half_made(portal)) for portal in installation.half_made()]
    for portal in installation.whole():
        for look in PORTAL:
            found += guarded(look, portal)
    for folder in vault_folders(installation.folder):
        found += guarded(backup_findings.vault, folder)
    return found


GATEWAY: Sequence[Callable[[Path], Iterator[Finding]]] = (doctor_lines.lines, doctor_lines.book)
PORTAL: Sequence[Callable[[Path], Iterator[Finding]]] = (
    doctor_host.files,
    doctor_host.secrets,
    doctor_host.passwords,
    doctor_lines.certificates,
    doctor_lines.answering,
    doctor_lines.proxy,
    doctor_database.database,
    doctor_ledger.ledger,
    doctor_mail.mail,
    doctor_yearly.yearly,
    backup_findings.backups,
)


def guarded(look: Callable[[Path], Iterator[Finding]], portal: Path) -> list[Finding]:
    """Returns the findings of one check. If it fails, that is a finding, and the next checks still run."""
    try:
        return list(look(portal))
    except Exception as trouble:  # noqa: BLE001  any error is a finding, and none hides the rest
        words = str(trouble) if type(trouble).__module__.startswith("homeroom.") else type(trouble).__name__
        return [Finding("bad", f"{portal.name}: {look.__name__}", f"Could not be examined: {words}")]


def shown(findings: Sequence[Finding], title: str = "Homeroom's doctor", words: Mapping[str, str] = WORDS) -> None:
    show(title, ("", "what", "found"), [(words[each.state], each.what, each.told) for each in findings])

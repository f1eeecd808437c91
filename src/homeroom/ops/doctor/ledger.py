"""The doctor's check of the access log: whether its chain is intact, and whether it still has the head of every backup in the archive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import Plan
from homeroom.ops.backup.setting_up import signers_of
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.forked_work import Apart
from homeroom.ops.host.owner import owner
from homeroom.ops.portal.ledger_checking import (
    MOMENT,
    Restored,
    gone_with,
    lost,
    of_digests,
    of_entries,
    of_links,
    restorations,
)
from homeroom.portal.audit.chain import Head, HeadOdd, Verdict, read_head, verify_chain
from homeroom.portal.processes.cluster import is_running
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.users import user_of
from homeroom.vault.chain import chain_of
from homeroom.vault.manifest import NAME

type Plain = tuple[list[tuple[int, str, str]], str]


@dataclass(frozen=True, slots=True)
class Known:
    """The access log's head in a backup's manifest. `at` is when the backup was made."""

    backup: int
    at: datetime
    head: Head


@dataclass(frozen=True, slots=True)
class Archive:
    """`known` has the oldest first. `trouble` says why the newest manifest could not be read, or is empty."""

    known: Sequence[Known]
    trouble: str = ""


def ledger(portal: Path) -> Iterator[Finding]:
    cluster = own_cluster(portal)
    if cluster is not None and not is_running(cluster):
        return  # doctor_database reports it
    archive = archived(portal)
    with owner(portal) as connection:
        yield from compared(portal.name, connection, archive)


def archived(portal: Path) -> Archive | None:
    """Returns None if backups are not set up."""
    if not (portal / "backup.toml").exists():
        return None
    with Apart("doctor", user_of(portal, "dump"), [], lambda _: read_archive(portal)) as child:
        try:
            return archive_of(child.hear("done"))
        except (NotDone, HeadOdd) as odd:
            return Archive([], str(odd))


def read_archive(portal: Path) -> Plain:
    """Returns number, time and head of each manifest with a valid signature, and why the newest can't be read. Needs the drill's credentials.

    Raises StoreFailed."""
    chain = chain_of(Plan.read(portal).store_to_read("archive"), portal.name, signers_of(portal))
    newest = max((name for name in chain.there if name.endswith(f"/{NAME}")), default="/")
    heads = [(each.number, each.at.isoformat(), each.ledger_head) for each in (link.manifest for link in chain.links) if each.ledger_head]
    return heads, next((told for told in chain.troubles if told.startswith(newest)), "")


def archive_of(plain: Plain) -> Archive:
    """Raises HeadOdd."""
    heads, trouble = plain
    return Archive([Known(number, datetime.fromisoformat(at), read_head(head)) for number, at, head in heads], trouble)


def compared(slug: str, connection: Connection[Any], archive: Archive | None) -> Iterator[Finding]:
    """Compares every head, not only the newest, because a backup made after a cut has the head of the shorter chain."""
    known = archive.known if archive else []
    found = verify_chain(connection, [each.head for each in known])
    yield judged(f"{slug}: ledger", found, known, restorations(connection))
    if (wrong := of_digests(connection, found)) is not None:
        yield Finding("bad", f"{slug}: statements, consents and incidents", wrong.told)
    if archive and (archive.trouble or not known):
        yield uncompared(f"{slug}: ledger in the archive", archive)


def judged(what: str, found: Verdict, known: Sequence[Known], restored: Sequence[Restored]) -> Finding:
    if (wrong := of_links(found)) is not None:
        return Finding("bad", what, wrong.told)
    gone = {each: gone_with(restored, each.head, each.at) for each in known if each.head in found.missing}
    if missing := [each for each, back in gone.items() if back is None]:
        last = missing[-1]
        return Finding("bad", what, lost(found, last.head, f"the head that backup {last.backup} of {last.at:{MOMENT}} has in the archive"))
    told = of_entries(found, _whole(known, list(gone.values()))).told
    is_back_behind = bool(gone) and known[-1] in gone  # the archive has no backup made after the restore
    return Finding("warn" if found.unlinked or is_back_behind else "ok", what, told)


def _whole(known: Sequence[Known], gone: Sequence[Restored | None]) -> str:
    if gone and gone[-1] is not None:
        return gone[-1].told
    return f"The head that backup {known[-1].backup} has in the archive is in the chain." if known else ""


def uncompared(what: str, archive: Archive) -> Finding:
    if archive.trouble:
        return Finding("warn" if archive.known else "bad", what, f"The log was not compared with the newest backup. {archive.trouble}")
    return Finding("warn", what, "No backup there has the head yet, so no one can tell whether entries were cut off. Run `homeroom backup run`.")

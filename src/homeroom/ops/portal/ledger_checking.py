"""Checks the access log's chain against a head that was kept elsewhere, and says which heads a restore removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from psycopg import Connection

from homeroom.portal.audit.chain import Head, Tell, Verdict, verify_chain

RESTORED = "SELECT links, snapshot_at, restored_at FROM restoration WHERE links IS NOT NULL ORDER BY id DESC"
EXIT = {"holds": 0, "broken": 3, "cut off": 4, "restored": 5, "not linked": 6, "changed": 7}  # 1 and 2 are the same for every command
# Statements that differ from the digest in their entry, that are gone although their student is here, or that have no entry.
CHANGED = """SELECT count(*) FROM (SELECT s.student_id, split_part(l.reason, ' ', 1) AS uuid, split_part(l.reason, ' ', 2) AS digest
        FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.event = 'statement added') e
    FULL JOIN (SELECT uuid::text AS uuid, encode(sha256(convert_to(statement, 'UTF8')), 'hex') AS digest
        FROM correction WHERE statement <> '') c USING (uuid)
    WHERE c.digest IS DISTINCT FROM e.digest AND (c.digest IS NOT NULL OR EXISTS (SELECT FROM person p WHERE p.id = e.student_id))"""
# The same for what is recorded about incidents.
CHANGED_FACTS = """SELECT count(*) FROM (SELECT split_part(l.reason, ' ', 1) AS uuid, split_part(l.reason, ' ', 2) AS digest
        FROM ledger l WHERE l.event = 'incident fact') e
    FULL JOIN (SELECT f.uuid::text AS uuid, fact_digest(f) AS digest FROM incident_fact f) c USING (uuid) WHERE c.digest IS DISTINCT FROM e.digest"""
# Releases whose letters differ from the one digest over all of them. Older releases have no notice in their fact.
CHANGED_LETTERS = """SELECT count(*) FROM (SELECT split_part(l.reason, ' ', 1) AS uuid, split_part(l.reason, ' ', 2) AS digest
        FROM ledger l WHERE l.event = 'breach letters') e
    FULL JOIN (SELECT f.uuid::text AS uuid, letters_digest(f.id) AS digest FROM incident_fact f
        WHERE f.kind = 'released' AND f.facts ? 'notice') c USING (uuid) WHERE c.digest IS DISTINCT FROM e.digest"""
# The same for signed consents. One that has an entry about its end must have ended. A consent for a tutor from before its entries had digests is left out.
CHANGED_CONSENTS = """SELECT count(*) FROM (SELECT s.student_id, split_part(l.reason, ' ', 1) AS uuid, split_part(l.reason, ' ', 2) AS digest
        FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.event = 'consent signed'
        UNION ALL SELECT s.student_id, split_part(l.reason, ' ', 2), split_part(l.reason, ' ', 3)
        FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.event = 'tutor let in' AND l.reason LIKE 'consent %') e
    FULL JOIN (SELECT c.uuid::text AS uuid, consent_digest(c) AS digest, false AS is_tutors, c.ended_at FROM signed_consent c
        UNION ALL SELECT t.uuid::text, tutor_consent_digest(c), true, c.ended_at FROM tutor_consent c JOIN tie t ON t.id = c.tie_id) c USING (uuid)
    WHERE (c.digest IS DISTINCT FROM e.digest AND (c.digest IS NOT NULL OR EXISTS (SELECT FROM person p WHERE p.id = e.student_id))
            AND (c.is_tutors IS NOT true OR e.digest IS NOT NULL))
        OR (c.ended_at IS NULL AND EXISTS (SELECT FROM ledger l WHERE l.event = 'consent ended' AND l.reason = c.uuid))"""
DIGESTS = (
    (CHANGED, "statement of a family", "statements of families"), (CHANGED_FACTS, "fact of an incident", "facts of incidents"),
    (CHANGED_LETTERS, "release of letters about an incident", "releases of letters about incidents"),
    (CHANGED_CONSENTS, "signed consent", "signed consents"),
)  # fmt: skip
MOMENT = "%b %d, %Y, %H:%M UTC"


@dataclass(frozen=True, slots=True)
class Restored:
    """`links` is the number of links in the backup. `taken` is when the backup was made. `at` is when the portal was restored from it."""

    links: int
    taken: datetime
    at: datetime

    @property
    def told(self) -> str:
        moments = f"This portal was restored on {self.at:{MOMENT}} from a backup made on {self.taken:{MOMENT}}."
        return f"{moments} Entries after link {self.links} are gone with the restore."


def restorations(connection: Connection[Any]) -> list[Restored]:
    """Returns the newest first."""
    return [Restored(links, taken.astimezone(UTC), at.astimezone(UTC)) for links, taken, at in connection.execute(RESTORED).fetchall()]


def gone_with(restored: Sequence[Restored], head: Head, noted: datetime | None = None) -> Restored | None:
    """Returns the restore that removed this head. `noted` is when the head was noted, if known. A restore before that time did not remove it."""
    return next((each for each in restored if each.links < head.number and (noted is None or noted <= each.at)), None)


@dataclass(frozen=True, slots=True)
class Checked:
    """`state` is a key of EXIT."""

    state: str
    told: str
    verdict: Verdict
    restored: Restored | None = None

    def as_json(self) -> dict[str, Any]:
        found, back = self.verdict, self.restored
        gone = back and {"restored_at": back.at.isoformat(), "backup_made_at": back.taken.isoformat(), "links": back.links}
        words = {"state": self.state, "told": self.told, "links": found.links, "head": str(found.head)}
        return {**words, "broken": found.broken, "not_linked": found.unlinked, "restored": gone}


def checked(connection: Connection[Any], known: Head | None, tell: Tell) -> Checked:
    found = verify_chain(connection, [known] if known else [], tell)
    if (wrong := of_links(found)) is not None:
        return wrong
    if known not in found.missing:
        return of_digests(connection, found) or of_entries(found, "The known head is in the chain." if known else "")
    if (back := gone_with(restorations(connection), known)) is not None:
        return Checked("restored", f"{back.told} If you noted the head after the restore, entries are missing.", found, back)
    return Checked("cut off", lost(found, known, "the known head"), found)


def of_links(found: Verdict) -> Checked | None:
    """Returns None if every link holds."""
    if found.broken is None:
        return None
    return Checked("broken", f"Link {found.broken} does not hold: its entry was changed, removed or swapped. Keep a copy of the database now.", found)


def of_digests(connection: Connection[Any], found: Verdict) -> Checked | None:
    """Compares families' statements, facts of incidents and signed consents with their digests in the access log. Returns None if all are as added."""
    told = [_told(connection, *each) for each in DIGESTS]
    return Checked("changed", " ".join([*filter(None, told), "Keep a copy of the database now."]), found) if any(told) else None


def _told(connection: Connection[Any], query: LiteralString, one: str, several: str) -> str:
    row = connection.execute(query).fetchone()
    wrong = int(row[0]) if row else 0
    return f"{f'1 {one} is' if wrong == 1 else f'{wrong} {several} are'} not as it was added: changed, removed or put in." if wrong else ""


def of_entries(found: Verdict, more: str) -> Checked:
    """Describes a chain that has every known head and no broken link. `more` is a sentence to add."""
    if found.unlinked:
        waiting = "1 entry has" if found.unlinked == 1 else f"{found.unlinked} entries have"
        told = f"All {found.links} links hold, but {waiting} no link yet. See log/sealer.log. {more}"
        return Checked("not linked", told.strip(), found)
    return Checked("holds", f"All {found.links} links hold. {more}".strip(), found)


def lost(found: Verdict, head: Head, by: str) -> str:
    """`by` says where the head is from."""
    if head.number > found.links:
        return f"Entries are missing: the chain ends at link {found.links}, and {by} is link {head.number}. Keep a copy of the database now."
    return f"Entries were removed or replaced: link {head.number} differs from {by}. Keep a copy of the database now."

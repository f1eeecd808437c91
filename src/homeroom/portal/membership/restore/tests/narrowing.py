"""Every act that takes access away, as statements of the owner about the cast. Also how notes leave a portal and are read after its disk is lost."""

import json
import os
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from homeroom.portal.membership.restore.noting import DUE, context_of, hand_over
from homeroom.portal.place import Place
from homeroom.seal.opening.wrapped import open_with
from homeroom.seal.wrapping import Pair, make_pair
from tests.school import School

P = "(SELECT id FROM person WHERE sourced_id = '{}')"
TIE = "(SELECT t.id FROM tie t WHERE t.adult_id = " + P + " AND t.student_id = " + P + ")"
ACCOUNT = "(SELECT a.id FROM account a WHERE a.person_id = " + P + " AND a.side = '{}')"
ANAS = ACCOUNT.format("ana", "family")
ANA_NINA = TIE.format("ana", "nina")
BAR = f"""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date, made_by_id)
    VALUES (gen_random_uuid(), {P.format("ana")}, {P.format("nina")}, 'court order', today(), {P.format("carl")})"""

# Rows, in addition to the cast, that exist before the backup.
BEFORE = (
    f"INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count) VALUES (gen_random_uuid(), {ANAS}, 'k', 'ana', '-', 0)",
    f"INSERT INTO authenticator (uuid, account_id, name, secret) VALUES (gen_random_uuid(), {ANAS}, 'a', 'secret')",
    f"INSERT INTO recovery_code (account_id, hash) VALUES ({ANAS}, 'r1'), ({ANAS}, 'r2')",
    f"INSERT INTO mail_address (account_id, address, proven_at) VALUES ({ANAS}, 'ana@mail.example', now())",
    f"INSERT INTO code (person_id, side, kind, digest, expires_at) VALUES ({P.format('ana')}, 'family', 'password', 'c1', now() + interval '9 days')",
    f"""INSERT INTO card (person_id, section_id, digest, made_by_id)
        SELECT {P.format("nina")}, s.id, 'card', {P.format("bo")} FROM section s WHERE s.sourced_id = 'algebra'""",
    f"""INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at)
        SELECT c.id, 'letter', 'office', {P.format("carl")}, now() + interval '9 days' FROM contact c WHERE c.sourced_id = 'contact/ana/nina'""",
    f"INSERT INTO dependence (student_id, basis, recorded_by_id) VALUES ({P.format('nina')}, 'tax return', {P.format('carl')})",
    f"INSERT INTO age_agreement (tie_id) VALUES ({ANA_NINA})",
    f"INSERT INTO administrator (person_id, school_id, start_date) SELECT {P.format('pat')}, s.id, today() - 60 FROM school s WHERE s.sourced_id = 'middle'",
    f"""INSERT INTO proposal (uuid, kind, person_id, reason, proposed_by_id, lock_until)
        VALUES (gen_random_uuid(), 'new administrator', {P.format("bo")}, 'why', {P.format("carl")}, now() + interval '1 day')""",
    f"""INSERT INTO proposal (uuid, kind, reason, proposed_by_id, decided_by_id, state)
        VALUES (gen_random_uuid(), 'support', 'why', {P.format("carl")}, {P.format("vera")}, 'carried out')""",
    """INSERT INTO support_grant (supporter_id, proposal_id, students, until)
        SELECT s.id, p.id, '{}', now() + interval '2 hours' FROM supporter s, proposal p WHERE p.kind = 'support'""",
    "INSERT INTO supporter (name, code, code_until) VALUES ('Lee Hart', 'code', now() + interval '9 days')",
    "UPDATE district SET teachers_see_school = true, tutors = 'with grades', registering = 'limited first', leaving_days = 90, letters_by_child = true",
    f"""INSERT INTO tutor_request (uuid, person_id, school_id, child_given_name, child_family_name, child_birth_date, kinds, purpose, last_day, state)
        SELECT gen_random_uuid(), {P.format('tia')}, s.id, 'Nina', 'Ruiz', '2014-01-01', '{{grades}}', 'x', today() + 60, 'consented'
        FROM school s WHERE s.sourced_id = 'middle'""",
    f"""INSERT INTO tutor_consent (tie_id, request_id, consenter_id, consenter_tie_id, organization, kinds, purpose, last_day, signature)
        SELECT {TIE.format("tia", "nina")}, r.id, {P.format("ana")}, {ANA_NINA}, 'x', '{{grades}}', 'x', today() + 60, 'Ana Ruiz'
        FROM tutor_request r WHERE r.state = 'consented'""",
    f"""INSERT INTO signed_consent (student_id, consenter_id, records, purpose, recipient, last_day, signature)
        VALUES ({P.format('nina')}, {P.format('ana')}, '{{grades}}', 'x', 'x', today() + 60, 'Ana Ruiz')""",
    """INSERT INTO ledger (at, event, act, person_id, capacity, xid)
        SELECT now(), 'look', 'child', p.id, 'administrator', 1 FROM person p WHERE p.sourced_id = 'carl'""",
    f"""INSERT INTO withheld_entry (uuid, entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
        SELECT gen_random_uuid(), l.id, {P.format("max")}, '{{}}', 'safety', today() + 30, {P.format("carl")}, {P.format("vera")} FROM ledger l LIMIT 1""",
    "INSERT INTO person (given_name, family_name, sourced_id, is_student) VALUES ('Uma', 'Berg', 'uma', true)",
)  # fmt: skip

# kind → acts. Each act is one statement.
ACTS: dict[str, tuple[str, ...]] = {
    "restriction": (
        BAR,
        "UPDATE restriction SET start_date = start_date - 5",
        BAR.replace("'ana'", "'bo'").replace("today()", "today() - 1"),
    ),
    "tie": (
        f"UPDATE tie SET state = 'ended' WHERE id = {ANA_NINA}",
        f"UPDATE tie SET state = 'suspended' WHERE id = {TIE.format('ana', 'leo')}",
        f"UPDATE tie SET end_date = today() WHERE id = {TIE.format('dee', 'max')}",
        f"UPDATE tie SET is_shut = true WHERE id = {TIE.format('dana', 'kai')}",
        f"UPDATE tie SET is_confidential = true WHERE id = {TIE.format('dee', 'max')}",
        f"UPDATE tie SET view_kinds = '{{attendance}}' WHERE id = {TIE.format('dana', 'kai')}",
        f"UPDATE tie SET may_consent = false, may_challenge = false WHERE id = {ANA_NINA}",
        f"UPDATE tie SET start_date = today() + 3 WHERE id = {TIE.format('dana', 'kai')}",
    ),
    "tie gone": (f"DELETE FROM tie WHERE id = {TIE.format('dee', 'max')}",),
    "consent": ("UPDATE tutor_consent SET ended_at = now()",),
    "no parent accounts": (
        f"""WITH c AS (INSERT INTO closed_to_parents (student_id, basis, words, set_by_id)
                VALUES ({P.format('nina')}, 'safety', 'Call us.', {P.format('carl')}) RETURNING student_id)
            UPDATE tie t SET is_shut = true FROM c WHERE t.student_id = c.student_id AND is_parent_kind(t.kind)""",
    ),
    "masking": (
        f"""INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)
            VALUES ({P.format("kai")}, 'Wren', 'Field', 'threat', today(), {P.format("carl")})""",
        f"UPDATE masking SET start_date = today() WHERE student_id = {P.format('leo')}",
    ),
    "contact": ("UPDATE contact SET is_confidential = true WHERE sourced_id = 'contact/ana/nina'",),
    "withheld line": (
        f"""INSERT INTO withheld_entry (entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
            SELECT l.id, {P.format("nina")}, '{{}}', 'safety', today() + 30, {P.format("carl")}, {P.format("vera")} FROM ledger l LIMIT 1""",
        "UPDATE withheld_entry SET until = until + 60",
    ),
    "erasure": (f"SELECT erase_student({P.format('uma')}, 'letter of Nov 20')",),
    "hold": (f"INSERT INTO hold (student_id, paper) VALUES ({P.format('nina')}, 'counsel, file 12')",),
    "signed consent": ("UPDATE signed_consent SET ended_at = now()",),
    "directory opt-out": (
        f"INSERT INTO directory_opt_out (student_id, person_id, category) VALUES ({P.format('nina')}, {P.format('ana')}, 'name')",
        f"INSERT INTO directory_opt_out (student_id, person_id, category) VALUES ({P.format('kai')}, {P.format('dana')}, 'phone')",
    ),
    "challenge": (
        f"""INSERT INTO challenge (uuid, tie_id, challenger_id, challenger_tie_id, reason, tie_was, suspended_until, remind_at)
            VALUES (gen_random_uuid(), {TIE.format("tia", "nina")}, {P.format("ana")}, {ANA_NINA}, 'stranger', 'approved', now() + interval '5 days', now())""",
        f"""INSERT INTO challenge (uuid, registration_id, challenger_id, challenger_tie_id, reason, remind_at)
            SELECT gen_random_uuid(), r.id, {P.format("ana")}, {ANA_NINA}, 'other', now() FROM registration r""",
    ),
    "challenge upheld": ("UPDATE challenge SET outcome = 'ended', decided_at = now()",),
    "of age": (f"SELECT pass_rights({P.format('max')})",),
    "agreement": ("UPDATE age_agreement SET ended_at = now()",),
    "dependence": ("UPDATE dependence SET ended_at = now()",),
    "account": (
        f"UPDATE account SET is_active = false WHERE id = {ACCOUNT.format('bo', 'staff')}",
        f"UPDATE account SET is_active = false WHERE id = {ACCOUNT.format('tia', 'family')}",
    ),
    "password": (
        f"UPDATE credential SET password = 'another' WHERE account_id = {ANAS}",
        f"DELETE FROM credential WHERE account_id = {ACCOUNT.format('dee', 'family')}",
    ),
    "passkey": ("DELETE FROM passkey",),
    "authenticator": ("DELETE FROM authenticator",),
    "recovery code": ("UPDATE recovery_code SET used_at = now() WHERE hash = 'r1'", "DELETE FROM recovery_code WHERE hash = 'r2'"),
    "mail address": ("UPDATE mail_address SET ended_at = now()",),
    "code": ("UPDATE code SET used_at = now()",),
    "card": ("UPDATE card SET ended_at = now()",),
    "letter": ("UPDATE contact_code SET ended_at = now()",),
    "duty": (f"UPDATE duty SET end_date = today() WHERE person_id = {P.format('pat')}", f"DELETE FROM duty WHERE person_id = {P.format('rosa')}"),
    "administrator": (
        f"UPDATE administrator SET end_date = today() WHERE person_id = {P.format('carl')}",
        f"DELETE FROM administrator WHERE person_id = {P.format('pat')}",
    ),
    "board second": ("UPDATE board_second SET end_date = today()",),
    "substitution": ("UPDATE substitution SET ended_at = now()",),
    "proposal": ("UPDATE proposal SET state = 'stopped', ended_at = now() WHERE state = 'waiting'",),
    "request": ("UPDATE registration SET state = 'declined', answered_at = now()",),
    "tutor request": ("UPDATE tutor_request SET state = 'withdrawn', answered_at = now() WHERE state = 'waiting'",),
    "tutor application": ("UPDATE tutor_application SET state = 'ended'",),
    "setting": (
        "UPDATE district SET teachers_see_school = false",
        "UPDATE district SET tutors = 'on', registering = 'in person'",
        "UPDATE district SET leaving_days = 30, letters_by_child = false",
    ),
    "column": ("INSERT INTO unread_column (file, column_name) VALUES ('users.csv', 'email')",),
    "news": ("UPDATE news_item SET taken_down_at = now() WHERE title = 'Concert'", "UPDATE news_item SET last_day = today() - 1 WHERE title = 'Fair'"),
    "sender": ("UPDATE signer SET revoked_at = now()",),
    "merge undone": ("UPDATE merge SET undone_at = now()",),
    "incident fact": (
        f"""INSERT INTO incident_fact (incident_id, at, by_id, kind, facts)
            SELECT i.id, now(), {P.format("carl")}, 'suspect', jsonb_build_object('account', a.uuid) FROM incident i, account a WHERE a.id = {ANAS}""",
        f"""WITH made AS (INSERT INTO incident (uuid, year, number) VALUES (gen_random_uuid(), 2026, 1) RETURNING id)
            INSERT INTO incident_fact (incident_id, at, by_id, kind, words) SELECT id, now(), {P.format("carl")}, 'declared', 'A stolen bag' FROM made""",
    ),
    "breach letters": ("INSERT INTO incident_fact (incident_id, at, kind, facts) SELECT id, now(), 'released', '{}' FROM incident",),
    "supporter": ("UPDATE supporter SET ended_at = now() WHERE name = 'Ray Stone'", "UPDATE supporter SET code = NULL WHERE name = 'Lee Hart'"),
    "support grant": ("UPDATE support_grant SET ended_at = now()",),
}  # fmt: skip


def prepare(owner: psycopg.Connection[Any]) -> None:
    """Runs in the caller's transaction."""
    for statement in BEFORE:
        owner.execute(statement.encode())
    owner.execute("DELETE FROM narrowing")


def noted(owner: psycopg.Connection[Any]) -> list[str]:
    return [kind for (kind,) in owner.execute("SELECT kind FROM narrowing ORDER BY id")]


def plain_notes(owner: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """Returns what would be sealed now."""
    return [json.loads(note.plain("lincoln")) for note in DUE.on(owner)]


@dataclass(frozen=True)
class Vault:
    """The portal's own folder, and the key pair that its notes are sealed for. notes/ has what a store would get."""

    place: Place
    pair: Pair

    @classmethod
    def made(cls, folder: Path) -> "Vault":
        portal = Place.read(Path(os.environ["HOMEROOM_PORTAL"]))
        pair = make_pair()
        for name in ("cert", "notes", "secrets"):
            (folder / name).mkdir()
        (folder / "cert" / "restore.pub").write_bytes(b64encode(pair.public) + b"\n")
        (folder / "secrets" / "notes").write_text("7d" * 32)
        return cls(replace(portal, folder=folder), pair)

    def files(self) -> list[Path]:
        return sorted((self.place.folder / "notes").iterdir())

    def drain(self, school: School) -> int:
        with school.connect("jobs") as jobs:
            return hand_over(jobs, self.place)

    def notes(self) -> list[dict[str, Any]]:
        """Returns the opened notes, as a restore reads them."""
        slug = self.place.slug
        return [json.loads(open_with(self.pair, path.read_bytes(), context_of(slug, path.name))) for path in self.files()]

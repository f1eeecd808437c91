"""How each kind of narrowing is repeated on a database restored from before it: the owner's statements, with one note's `said`.

Each keeps the stricter of the database and the note. A second replay finds nothing to do, and a late note does no harm.
A row that isn't in the backup needs no replay, unless the act made it."""

from dataclasses import dataclass

SAID = "WITH w AS (SELECT %(said)s::jsonb AS said)"


@dataclass(frozen=True, slots=True)
class Way:
    """Statements that run in order. The note counts as applied if one of them changes or returns a row. `needs` is the note's key whose person must exist
    here.

    `is_shown_only` means that nothing changes, and an administrator repeats it by hand."""

    statements: tuple[str, ...]
    needs: str | None = None
    is_shown_only: bool = False


def over(table: str, change: str, where: str) -> Way:
    """`n` is the note as a row of the table."""
    return Way((f"{SAID} UPDATE {table} r SET {change} FROM w, jsonb_populate_record(NULL::{table}, w.said) n WHERE {where}",))


def one(statement: str, needs: str | None = None) -> Way:
    return Way((f"{SAID} {statement}",), needs)


GONE_TODAY = "coalesce(n.end_date, CASE WHEN w.said ? 'gone' THEN today() END)"
OF_OFFICE = f"coalesce(r.end_date, 'infinity') > {GONE_TODAY} AND r.person_id = person_here(w.said->'person')"
OF_SCHOOL = """CASE WHEN w.said->>'school' IS NULL THEN r.school_id IS NULL
    ELSE r.school_id = (SELECT s.id FROM school s WHERE s.uuid = (w.said->'school'->>'uuid')::uuid) END"""
LATER = "CASE WHEN r.end_date IS NOT NULL AND n.end_date IS NOT NULL THEN greatest(r.end_date, n.end_date) END"
IS_LONGER = "(n.start_date < r.start_date OR coalesce(n.end_date, 'infinity') > coalesce(r.end_date, 'infinity'))"

RESTRICTION = Way(
    (
        f"""{SAID} UPDATE restriction r SET start_date = least(r.start_date, n.start_date), end_date = {LATER}
            FROM w, jsonb_populate_record(NULL::restriction, w.said) n WHERE r.uuid = n.uuid AND {IS_LONGER}""",
        f"""{SAID} INSERT INTO restriction (uuid, person_id, student_id, effect, basis, start_date, end_date, paper_kept_at, made_by_id)
            SELECT n.uuid, person_here_or_made(w.said->'person'), person_here(w.said->'student'), n.effect, n.basis, n.start_date, n.end_date, n.paper_kept_at,
                   person_here(w.said->'made_by')
            FROM w, jsonb_populate_record(NULL::restriction, w.said) n
            WHERE person_here(w.said->'student') IS NOT NULL AND NOT EXISTS (SELECT FROM restriction r WHERE r.uuid = n.uuid)""",
    ),
    needs="student",
)
TIE = over(
    "tie",
    """state = CASE WHEN shutness(n.state) > shutness(r.state) THEN n.state ELSE r.state END, is_shut = r.is_shut OR n.is_shut,
       is_confidential = r.is_confidential OR n.is_confidential, start_date = greatest(r.start_date, n.start_date), end_date = least(r.end_date, n.end_date),
       view_kinds = ARRAY(SELECT v FROM unnest(r.view_kinds) v WHERE v = ANY (n.view_kinds)), may_consent = r.may_consent AND n.may_consent,
       may_correct = r.may_correct AND n.may_correct, may_challenge = r.may_challenge AND n.may_challenge""",
    "r.uuid = n.uuid AND is_narrower(r, n)",
)
NO_PARENT_ACCOUNTS = Way(
    (
        f"""{SAID} INSERT INTO closed_to_parents (uuid, student_id, basis, words, set_by_id)
            SELECT (w.said->>'uuid')::uuid, person_here(w.said->'student'), w.said->>'basis', w.said->>'words', person_here_or_made(w.said->'set_by')
            FROM w WHERE person_here(w.said->'student') IS NOT NULL ON CONFLICT DO NOTHING""",
        f"""{SAID} UPDATE tie t SET is_shut = true FROM w
            WHERE t.student_id = person_here(w.said->'student') AND t.state <> 'ended' AND is_parent_kind(t.kind) AND NOT t.is_shut
              AND is_closed_to_parents(t.student_id)""",
    ),
    needs="student",
)
MASKING = Way(
    (
        f"""{SAID} UPDATE masking m SET ended_at = now() FROM w WHERE m.student_id = person_here(w.said->'student') AND m.ended_at IS NULL
            AND m.end_date <= today() AND coalesce((w.said->>'end_date')::date, 'infinity') > today()""",
        f"""{SAID} UPDATE masking r SET start_date = least(r.start_date, n.start_date), end_date = {LATER}
            FROM w, jsonb_populate_record(NULL::masking, w.said) n
            WHERE r.student_id = person_here(w.said->'student') AND r.ended_at IS NULL AND {IS_LONGER}""",
        f"""{SAID} INSERT INTO masking (uuid, student_id, given_name, family_name, basis, start_date, end_date, masked_by_id)
            SELECT n.uuid, person_here(w.said->'student'), n.given_name, n.family_name, n.basis, n.start_date, n.end_date,
                   person_here_or_made(w.said->'masked_by')
            FROM w, jsonb_populate_record(NULL::masking, w.said) n WHERE person_here(w.said->'student') IS NOT NULL ON CONFLICT DO NOTHING""",
    ),
    needs="student",
)
# If a later file brought the contact, the next file brings it again. It is confidential from then on, because no file sets that. With another phone
# it is another row, which stays confidential by its name (is_same_contact()).
CONTACT = Way(
    (
        f"""{SAID} UPDATE contact c SET is_confidential = true FROM w
            WHERE (c.uuid = (w.said->>'uuid')::uuid OR c.sourced_id = w.said->>'sourced_id') AND NOT c.is_confidential""",
        f"""{SAID} INSERT INTO contact (uuid, sourced_id, student_id, person_id, name, is_confidential, ended_at)
            SELECT (w.said->>'uuid')::uuid, w.said->>'sourced_id', person_here(w.said->'student'), person_here(w.said->'person'), w.said->>'name', true, now()
            FROM w WHERE person_here(w.said->'student') IS NOT NULL ON CONFLICT DO NOTHING""",
    ),
    needs="student",
)
WITHHELD = one(
    """INSERT INTO withheld_entry (uuid, entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
        SELECT n.uuid, l.id, person_here(w.said->'student'), '{}', n.basis, n.until, person_here_or_made(w.said->'withheld_by'),
               person_here_or_made(w.said->'seconded_by')
        FROM w, jsonb_populate_record(NULL::withheld_entry, w.said) n, ledger l
        WHERE l.id = (w.said->'entry'->>'id')::bigint AND l.salt = (w.said->'entry'->>'salt')::uuid AND person_here(w.said->'student') IS NOT NULL
        ON CONFLICT (student_id, entry_id) DO UPDATE SET until = excluded.until WHERE withheld_entry.until < excluded.until""",
    needs="student",
)
CHALLENGE = one(
    """INSERT INTO challenge (uuid, tie_id, registration_id, challenger_id, challenger_tie_id, reason, words, asked_at, tie_was, suspended_until, remind_at)
        SELECT n.uuid, t.id, r.id, person_here(w.said->'challenger'), (tie_here(w.said->'challenger_tie')).id,
               n.reason, n.words, n.asked_at, n.tie_was, n.suspended_until, n.remind_at
        FROM w CROSS JOIN LATERAL jsonb_populate_record(NULL::challenge, w.said) n LEFT JOIN tie t ON t.uuid = (w.said->>'tie')::uuid
             LEFT JOIN registration r ON r.uuid = (w.said->>'registration')::uuid
        WHERE (t.id IS NULL) <> (r.id IS NULL) AND person_here(w.said->'challenger') IS NOT NULL ON CONFLICT DO NOTHING""",
    needs="challenger",
)
OF_AGE = Way(
    (
        f"""{SAID} INSERT INTO majority AS m (student_id, of_birth_date, effective_on)
            SELECT person_here(w.said->'student'), (w.said->>'of_birth_date')::date, (w.said->>'effective_on')::date
            FROM w WHERE person_here(w.said->'student') IS NOT NULL
            ON CONFLICT (student_id) DO UPDATE SET of_birth_date = excluded.of_birth_date, effective_on = excluded.effective_on, held_at = NULL
                WHERE m.applied_at IS NULL""",
        f"{SAID} SELECT pass_rights(m.student_id) FROM w, majority m WHERE m.student_id = person_here(w.said->'student') AND m.applied_at IS NULL",
    ),
    needs="student",
)
REQUEST = over(
    "registration",
    """state = n.state, answered_at = n.answered_at,
       child_given_name = CASE n.state WHEN 'declined' THEN r.child_given_name ELSE '' END,
       child_family_name = CASE n.state WHEN 'declined' THEN r.child_family_name ELSE '' END,
       child_birth_date = CASE n.state WHEN 'declined' THEN r.child_birth_date END, phone = CASE n.state WHEN 'declined' THEN r.phone ELSE '' END""",
    "r.uuid = n.uuid AND r.state = 'waiting'",
)
TUTOR_REQUEST = over(
    "tutor_request",
    """state = n.state, answered_at = n.answered_at,
       child_given_name = CASE n.state WHEN 'lapsed' THEN '' ELSE r.child_given_name END,
       child_family_name = CASE n.state WHEN 'lapsed' THEN '' ELSE r.child_family_name END,
       child_birth_date = CASE WHEN n.state <> 'lapsed' THEN r.child_birth_date END""",
    "r.uuid = n.uuid AND r.state = 'waiting'",
)
COLUMN = Way(
    (
        f"{SAID} INSERT INTO unread_column (file, column_name) SELECT w.said->>'file', w.said->>'column_name' FROM w ON CONFLICT DO NOTHING",
        f"{SAID} SELECT 1 FROM w WHERE empty_column(w.said->>'file', w.said->>'column_name') > 0",
    )
)

# An inspection in the backup doesn't block this, even if it was answered later, because it was requested before the erasure.
ERASURE = Way(
    (
        f"""{SAID} SELECT e.rows FROM w, person p, erase_student(p.id, w.said->>'directive') e WHERE p.uuid = (w.said->>'uuid')::uuid""",
        f"""{SAID} INSERT INTO erased_student (uuid, sourced_ids, directive) SELECT n.uuid, n.sourced_ids, n.directive
            FROM w, jsonb_populate_record(NULL::erased_student, w.said) n ON CONFLICT DO NOTHING""",
    )
)
HOLD = one(
    """INSERT INTO hold (uuid, student_id, paper) SELECT (w.said->>'uuid')::uuid, person_here(w.said->'student'), w.said->>'paper' FROM w
        WHERE person_here(w.said->'student') IS NOT NULL ON CONFLICT DO NOTHING""",
    needs="student",
)
# An incident's number may be taken here, if someone declared another one meanwhile. The access log gets the digest of the row as it is here.
INCIDENT_FACT = Way(
    (
        f"""{SAID} INSERT INTO incident (uuid, year, number)
            SELECT n.uuid, n.year, CASE WHEN EXISTS (SELECT FROM incident i WHERE (i.year, i.number) = (n.year, n.number))
                THEN (SELECT max(i.number) + 1 FROM incident i WHERE i.year = n.year) ELSE n.number END
            FROM w, jsonb_populate_record(NULL::incident, w.said->'incident') n ON CONFLICT (uuid) DO NOTHING""",
        f"""{SAID}, made AS (INSERT INTO incident_fact (uuid, incident_id, at, by_id, kind, what, words, moment, facts)
                SELECT n.uuid, i.id, n.at, person_here_or_made(w.said->'by'), n.kind, n.what, n.words, n.moment, n.facts
                FROM w, incident i, jsonb_populate_record(NULL::incident_fact, w.said) n WHERE i.uuid = (w.said->'incident'->>'uuid')::uuid
                ON CONFLICT (uuid) DO NOTHING RETURNING *)
            SELECT ledger_change('incident fact', NULL, m.by_id, 'operator', NULL, m.uuid || ' ' || fact_digest(ROW(m.*)::incident_fact)) FROM made m""",
    )
)

OPT_OUT = one(
    """INSERT INTO directory_opt_out (uuid, student_id, person_id, category, asked_at)
        SELECT n.uuid, person_here(w.said->'student'), person_here_or_made(w.said->'person'), n.category, n.asked_at
        FROM w, jsonb_populate_record(NULL::directory_opt_out, w.said) n
        WHERE person_here(w.said->'student') IS NOT NULL AND NOT EXISTS (SELECT FROM directory_opt_out r WHERE r.uuid = n.uuid) ON CONFLICT DO NOTHING""",
    needs="student",
)

WAYS: dict[str, Way] = {
    "restriction": RESTRICTION,
    "tie": TIE,
    "tie gone": one("UPDATE tie t SET state = 'ended' FROM w WHERE t.uuid = (w.said->>'uuid')::uuid AND t.state <> 'ended'"),
    "consent": one("UPDATE tutor_consent c SET ended_at = now() FROM w WHERE c.tie_id = (tie_here(w.said->'tie')).id AND c.ended_at IS NULL"),
    "no parent accounts": NO_PARENT_ACCOUNTS,
    "masking": MASKING,
    "contact": CONTACT,
    "withheld line": WITHHELD,
    "erasure": ERASURE,
    "hold": HOLD,
    "directory opt-out": OPT_OUT,
    "signed consent": over("signed_consent", "ended_at = n.ended_at", "r.uuid = n.uuid AND r.ended_at IS NULL"),
    "challenge": CHALLENGE,
    "challenge upheld": over("challenge", "outcome = 'ended', decided_at = n.decided_at", "r.uuid = n.uuid AND r.decided_at IS NULL"),
    "of age": OF_AGE,
    "agreement": over("age_agreement", "ended_at = now()", "r.tie_id = (tie_here(w.said->'tie')).id AND r.ended_at IS NULL AND r.at <= n.at"),
    "dependence": over(
        "dependence", "ended_at = now()", "r.student_id = person_here(w.said->'student') AND r.ended_at IS NULL AND r.recorded_at <= n.recorded_at"
    ),
    "account": one("UPDATE account a SET is_active = false FROM w WHERE a.uuid = (w.said->>'uuid')::uuid AND a.is_active"),
    # No password matches an empty hash, and comparing it takes as long as with a real one (door/signing_in.py).
    "password": one(
        """UPDATE credential c SET password = '' FROM w
           WHERE c.account_id = account_here(w.said->'account') AND sha256(c.password::bytea) = (w.said->>'was')::bytea"""
    ),
    "passkey": one("DELETE FROM passkey k USING w WHERE k.uuid = (w.said->>'uuid')::uuid"),
    "authenticator": one("DELETE FROM authenticator k USING w WHERE k.uuid = (w.said->>'uuid')::uuid"),
    "recovery code": over("recovery_code", "used_at = now()", "r.account_id = account_here(w.said->'account') AND r.hash = n.hash AND r.used_at IS NULL"),
    "mail address": over(
        "mail_address", "ended_at = now()", "r.account_id = account_here(w.said->'account') AND r.asked_at = n.asked_at AND r.ended_at IS NULL"
    ),
    "code": over("code", "ended_at = now()", "r.digest = n.digest AND r.used_at IS NULL AND r.ended_at IS NULL"),
    "card": over("card", "ended_at = now()", "r.digest = n.digest AND r.ended_at IS NULL"),
    "letter": over("contact_code", "ended_at = now()", "r.digest = n.digest AND r.used_at IS NULL AND r.ended_at IS NULL"),
    "duty": over(
        "duty",
        f"end_date = least(r.end_date, {GONE_TODAY}), start_date = greatest(r.start_date, n.start_date)",
        f"r.uuid = n.uuid AND (coalesce(r.end_date, 'infinity') > {GONE_TODAY} OR r.start_date < n.start_date)",
    ),
    "administrator": over("administrator", f"end_date = {GONE_TODAY}", f"{OF_OFFICE} AND {OF_SCHOOL}"),
    "board second": over("board_second", f"end_date = {GONE_TODAY}", OF_OFFICE),
    "substitution": over(
        "substitution",
        """last_day = greatest(least(r.last_day, n.last_day), r.first_day),
           ended_at = coalesce(r.ended_at, n.ended_at, CASE WHEN w.said ? 'gone' THEN now() END)""",
        "r.uuid = n.uuid AND (r.last_day > n.last_day OR r.ended_at IS NULL AND (n.ended_at IS NOT NULL OR w.said ? 'gone'))",
    ),
    "proposal": over(
        "proposal", "state = n.state, ended_at = coalesce(n.ended_at, now())", "r.uuid = n.uuid AND r.state IN ('waiting', 'confirmed', 'under review')"
    ),
    "request": REQUEST,
    "tutor request": TUTOR_REQUEST,
    "tutor application": over(
        "tutor_application", "state = n.state, answered_at = n.answered_at", "r.uuid = n.uuid AND r.state IN ('waiting', 'approved') AND n.state <> r.state"
    ),
    "setting": one(
        """SELECT write_setting(w.said->>'setting', w.said->>'choice', NULL, 'operator', NULL) FROM w
           WHERE is_wider(w.said->>'setting', w.said->>'choice', setting_now(w.said->>'setting'))"""
    ),
    "column": COLUMN,
    "news": over(
        "news_item",
        "taken_down_at = coalesce(r.taken_down_at, n.taken_down_at), last_day = least(r.last_day, n.last_day)",
        "r.uuid = n.uuid AND (r.taken_down_at IS NULL AND n.taken_down_at IS NOT NULL OR coalesce(r.last_day, 'infinity') > n.last_day)",
    ),
    "sender": over("signer", "revoked_at = coalesce(n.revoked_at, now())", "r.fingerprint = n.fingerprint AND r.revoked_at IS NULL"),
    "merge undone": Way(
        (
            f"""{SAID} SELECT 1 FROM w, merge m
                WHERE m.old_id = person_here(w.said->'old') AND m.into_id = person_here(w.said->'into') AND m.undone_at IS NULL""",
        ),
        is_shown_only=True,
    ),
    "incident fact": INCIDENT_FACT,
    "breach letters": Way(
        (f"""{SAID} SELECT 1 FROM w WHERE NOT EXISTS (SELECT FROM incident_fact f WHERE f.uuid = (w.said->>'uuid')::uuid)""",), is_shown_only=True
    ),
    "supporter": over(
        "supporter", "code = NULL, ended_at = coalesce(r.ended_at, n.ended_at)",
        "r.uuid = n.uuid AND (r.code IS NOT NULL OR r.ended_at IS NULL AND n.ended_at IS NOT NULL)",
    ),
    "support grant": over(
        "support_grant", "ended_at = coalesce(r.ended_at, n.ended_at), until = least(r.until, n.until)",
        "r.uuid = n.uuid AND (r.ended_at IS NULL AND n.ended_at IS NOT NULL OR r.until > n.until)",
    ),
}  # fmt: skip

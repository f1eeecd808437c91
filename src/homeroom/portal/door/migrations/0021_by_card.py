"""A sign-in card changes nothing of the account anymore. What a card session added before ends here: second factors, recovery codes and a verified
email, and every session of an account that a card signed in to. The triggers on the tables notify the account and write the access log."""

from django.db import migrations, models

# A card session lasted 12 hours at most. One with a second step was recorded as a password's, so the time decides, and not the session.
WITH_CARD = """CREATE TEMPORARY TABLE with_card ON COMMIT DROP AS
    SELECT s.account_id, s.created_at AS at FROM session s WHERE s.method = 'card'
    UNION SELECT e.account_id, e.at FROM security_event e JOIN account a ON a.id = e.account_id AND a.side = 'student'
    WHERE e.kind = 'sign in' AND e.what = 'card' AND e.result IN ('done', 'factor asked')"""
MADE = "EXISTS (SELECT FROM with_card w WHERE w.account_id = f.account_id AND f.{} BETWEEN w.at AND w.at + interval '12 hours')"
CODES_MADE = """EXISTS (SELECT FROM with_card w JOIN account a ON a.id = w.account_id JOIN ledger l ON l.person_id = a.person_id AND l.capacity = a.side
    WHERE w.account_id = f.account_id AND l.event = 'sign-in changed' AND l.reason = 'recovery codes made'
      AND l.at BETWEEN w.at AND w.at + interval '12 hours')"""
NO_FACTOR = "NOT EXISTS (SELECT FROM {0} g WHERE g.account_id = f.account_id)"
ENDED = [
    f"""CREATE TEMPORARY TABLE undone ON COMMIT DROP AS
        WITH passkeys AS (DELETE FROM passkey f WHERE {MADE.format("created_at")} RETURNING f.account_id),
             apps AS (DELETE FROM authenticator f WHERE {MADE.format("created_at")} RETURNING f.account_id),
             addresses AS (UPDATE mail_address f SET ended_at = now() WHERE f.ended_at IS NULL AND {MADE.format("proven_at")} RETURNING f.account_id)
        SELECT account_id FROM passkeys UNION SELECT account_id FROM apps UNION SELECT account_id FROM addresses""",
    f"""DELETE FROM recovery_code f WHERE f.account_id IN (SELECT w.account_id FROM with_card w)
        AND ({CODES_MADE} OR {NO_FACTOR.format("passkey")} AND {NO_FACTOR.format("authenticator")})""",
    "UPDATE session SET ended_at = now() WHERE ended_at IS NULL AND account_id IN (SELECT w.account_id FROM with_card w)",
    "DELETE FROM sign_in_step",  # one from before doesn't say how it began
    "DELETE FROM known_browser WHERE account_id IN (SELECT w.account_id FROM with_card w)",
]
TOLD = """INSERT INTO account_notice (account_id, what) SELECT a.id, 'card changes undone' FROM account a
    WHERE a.side = 'staff' AND a.is_active AND EXISTS (SELECT FROM undone)
      AND a.person_id IN (SELECT o.person_id FROM administrator o WHERE o.end_date IS NULL OR o.end_date > (now() AT TIME ZONE (SELECT time_zone FROM district))::date)"""
SHOWN = """UPDATE session s SET has_news = true FROM account_notice n
    WHERE n.account_id = s.account_id AND n.what = 'card changes undone' AND n.shown_at IS NULL AND s.ended_at IS NULL"""


class Migration(migrations.Migration):
    dependencies = [("door", "0020_incident_mail"), ("events", "0003_sessions"), ("membership", "0025_inspection_of_those_here"), ("audit", "0001_initial")]

    operations = [
        migrations.AddField(model_name="knownbrowser", name="by_card", field=models.BooleanField(db_default=False)),
        migrations.RunSQL([WITH_CARD, *ENDED, TOLD, SHOWN], migrations.RunSQL.noop),
    ]

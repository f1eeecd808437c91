"""Which adult a contact is, and which contacts are one person. Whoever was let in by a letter's code, or by the record's own address, is joined
with that contact right away, unless a restriction, a challenge or another adult's access is in the way: that is left for the office."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

# The address that the adult's family account proved, of one person of the record alone.
BY_ADDRESS = """SELECT min(c.id), r.person_id, r.student_id, 'record' FROM registration r
        JOIN account a ON a.person_id = r.person_id AND a.side = 'family' AND a.is_active
        JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
        JOIN contact c ON c.student_id = r.student_id AND c.ended_at IS NULL
        LEFT JOIN contact_detail d ON d.person_id = c.person_id
    WHERE r.state = 'approved' AND r.evidence = 'record' AND lower(m.address) = lower(coalesce(nullif(c.email, ''), d.email))
    GROUP BY r.id HAVING count(DISTINCT coalesce(-c.person_id, c.id)) = 1"""
BY_CODE = """SELECT c.id, r.person_id, r.student_id, 'code' FROM registration r JOIN contact_code k ON k.id = r.contact_code_id
        JOIN contact c ON c.id = k.contact_id AND c.student_id = r.student_id
    WHERE r.state = 'approved' AND r.evidence = 'code'"""
JOIN = f"""INSERT INTO contact_join (contact_id, person_id, how) SELECT DISTINCT ON (w.contact, w.adult) w.contact, w.adult, w.how
    FROM ({BY_CODE} UNION ALL {BY_ADDRESS}) w (contact, adult, student, how) JOIN contact c ON c.id = w.contact
    WHERE c.person_id IS DISTINCT FROM w.adult AND NOT c.is_confidential
        AND EXISTS (SELECT FROM tie t WHERE t.adult_id = w.adult AND t.student_id = w.student AND t.state <> 'ended')
        AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = c.person_id AND t.student_id = w.student AND t.state <> 'ended')
        AND NOT EXISTS (SELECT FROM restriction x WHERE x.person_id IN (w.adult, c.person_id) AND x.student_id = w.student
            AND (x.end_date IS NULL OR x.end_date > (now() AT TIME ZONE (SELECT time_zone FROM district))::date))
        AND NOT EXISTS (SELECT FROM challenge k JOIN tie t ON t.id = k.tie_id WHERE t.adult_id = w.adult AND t.student_id = w.student
            AND (k.decided_at IS NULL OR k.outcome = 'ended'))"""


class Migration(migrations.Migration):

    dependencies = [
        ("membership", "0023_proof_by_consent"),
        ("roster", "0008_contact_sis_id"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactJoin",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(db_default=RandomUUID(), unique=True)),
                ("how", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                ("contact", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roster.contact")),
                ("ended_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roster.person")),
                ("made_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roster.person")),
                ("other", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roster.contact")),
                ("person", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roster.person")),
            ],
            options={
                "db_table": "contact_join",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("contact", "person"), name="contact_join_adult_once"),
                    models.CheckConstraint(condition=models.Q(("how__in", ("code", "record", "office"))), name="contact_join_how_known"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("other__isnull", False), ("person", None)),
                            models.Q(("other", None), ("person__isnull", False)),
                            _connector="OR",
                        ),
                        name="contact_join_of_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL([JOIN], migrations.RunSQL.noop),
    ]

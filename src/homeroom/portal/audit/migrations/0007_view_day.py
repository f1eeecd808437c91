import django.db.models.deletion
from django.db import migrations, models

# Views that were in the log before this summary: all of them, as write_view_day() would have written them. Part by part, in the order of the log, so
# that the command can say how far it is.
FILL = """DO $$
DECLARE newest bigint := coalesce((SELECT max(id) FROM ledger), 0); parts bigint := newest / 20000 + 1;
BEGIN
    FOR part IN 1..parts LOOP
        INSERT INTO view_day AS v (student_id, day, person_id, act, entry_id, last_at)
            SELECT DISTINCT ON (1, 2, 3, 4) s.student_id, (s.at AT TIME ZONE d.time_zone)::date, l.person_id, l.act, l.id, s.at
            FROM ledger l JOIN ledger_student s ON s.entry_id = l.id CROSS JOIN district d
            WHERE l.id > newest * (part - 1) / parts AND l.id <= newest * part / parts
              AND l.event = 'look' AND l.capacity NOT IN ('family', 'student') AND l.person_id IS NOT NULL
            ORDER BY 1, 2, 3, 4, s.at DESC, l.id DESC
            ON CONFLICT (student_id, day, person_id, act) DO UPDATE SET entry_id = excluded.entry_id, last_at = excluded.last_at
                WHERE (excluded.last_at, excluded.entry_id) > (v.last_at, v.entry_id);
        RAISE NOTICE USING MESSAGE = 'summarizing the access log', DETAIL = part || ' of ' || parts;
    END LOOP;
END $$"""
TO_PERSON = {"db_constraint": False, "db_index": False, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": "roster.person"}
TO_ENTRY = TO_PERSON | {"to": "audit.entry"}


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_erased"), ("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ViewDay",
            fields=[
                ("pk", models.CompositePrimaryKey("student_id", "day", "person_id", "act", blank=True, editable=False, primary_key=True, serialize=False)),
                ("student", models.ForeignKey(**TO_PERSON)),
                ("day", models.DateField()),
                ("person", models.ForeignKey(**TO_PERSON)),
                ("act", models.TextField()),
                ("entry", models.ForeignKey(**TO_ENTRY)),
                ("last_at", models.DateTimeField()),
            ],
            options={"db_table": "view_day"},
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

import django.db.models.deletion
from django.db import migrations, models

# Letters of the version before: its first letter to a person about an incident is the first notice. Another one is that notice again.
FILLED = """
UPDATE breach_letter l SET incident_id = f.incident_id FROM incident_fact f WHERE f.id = l.release_id;
UPDATE breach_letter l SET notice = CASE WHEN EXISTS (SELECT FROM breach_letter b
        WHERE b.incident_id = l.incident_id AND b.person_id = l.person_id AND b.id < l.id) THEN 'first notice again' ELSE 'first notice' END;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0001_incidents'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='breachletter',
            name='breach_letter_once',
        ),
        migrations.RemoveConstraint(
            model_name='fact',
            name='incident_fact_kind_known',
        ),
        migrations.AddField(
            model_name='breachletter',
            name='incident',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='notice',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='breachletter',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AlterField(
            model_name='breachletter',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='roster.person'),
        ),
        migrations.AddConstraint(
            model_name='breachletter',
            constraint=models.UniqueConstraint(condition=models.Q(('notice__in', ('first notice', 'second notice'))), fields=('incident', 'notice', 'person'), name='breach_letter_one_of_each'),
        ),
        migrations.AddConstraint(
            model_name='breachletter',
            constraint=models.CheckConstraint(condition=models.Q(('notice__in', ('first notice', 'second notice', 'first notice again'))), name='breach_letter_notice_known'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('declared', 'note', 'stage', 'triggers', 'done', 'started earlier', 'started later', 'hold', 'hold ended', 'suspect', 'cleared', 'counted', 'set aside', 'drafted', 'released', 'reviewed'))), name='incident_fact_kind_known'),
        ),
    ]

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Letters of the version before are on the portal, or wait.
FILLED = """
UPDATE breach_letter SET way = channel, state = CASE channel WHEN 'portal' THEN 'there' ELSE 'waiting' END;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0003_contained'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='breachletter',
            name='breach_letter_channel_known',
        ),
        migrations.RemoveConstraint(
            model_name='fact',
            name='incident_fact_kind_known',
        ),
        migrations.AddField(
            model_name='breachletter',
            name='answer',
            field=models.TextField(db_default=''),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.fact'),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='next_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='proven_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='proven_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roster.person'),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='state',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='breachletter',
            name='tries',
            field=models.SmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name='breachletter',
            name='way',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='breachletter',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'sending')), ('way', 'email')), fields=['next_at', 'id'], name='breach_letter_to_mail'),
        ),
        migrations.AddConstraint(
            model_name='breachletter',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ('portal', 'email', 'paper', 'hand', 'undecided', 'district'))), name='breach_letter_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='breachletter',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ('portal', 'email', 'paper', 'hand', 'undecided', 'district', 'none'))), name='breach_letter_way_known'),
        ),
        migrations.AddConstraint(
            model_name='breachletter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('there', 'waiting', 'sending', 'sent', 'printed', 'done'))), name='breach_letter_state_known'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('declared', 'note', 'stage', 'triggers', 'done', 'started earlier', 'started later', 'hold', 'hold ended', 'suspect', 'cleared', 'counted', 'set aside', 'drafted', 'released', 'reviewed', 'contained', 'printed', 'mailed', 'given', 'came back', 'decided', 'notifier'))), name='incident_fact_kind_known'),
        ),
    ]

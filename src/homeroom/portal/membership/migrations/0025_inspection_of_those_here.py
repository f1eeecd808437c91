"""Families may ask for what isn't online while the student is here, and say what. A request closes if its person may no longer ask."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("membership", "0024_contact_join"),
        ("roster", "0008_contact_sis_id"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="inspection", name="inspection_state_known"),
        migrations.AddField(model_name="inspection", name="asked_for", field=models.TextField(db_default="")),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "opened", "on paper", "withdrawn", "closed"))), name="inspection_state_known"
            ),
        ),
    ]

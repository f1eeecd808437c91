"""Who sees the names that people use."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0018_tolerances"),
    ]

    operations = [
        migrations.AddField(
            model_name="district",
            name="preferred_names",
            field=models.TextField(db_default="off"),
        ),
        migrations.AddConstraint(
            model_name="district",
            constraint=models.CheckConstraint(
                condition=models.Q(("preferred_names__in", ("off", "staff", "everyone"))), name="district_preferred_names_known"
            ),
        ),
    ]

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a view of a list opens."""

    dependencies = [("access", "0016_limited_first")]

    operations = [
        migrations.AddField("opening", "act", models.TextField(null=True)),
        migrations.AddField("opening", "listed", django.contrib.postgres.fields.ArrayField(models.IntegerField(), null=True)),
    ]

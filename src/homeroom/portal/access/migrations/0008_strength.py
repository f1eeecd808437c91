"""How strong a session's proof was and when it was given; whose device it is."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("access", "0007_nightly_weekends")]

    operations = [
        migrations.AddField("session", "method", models.TextField(db_default="password")),
        migrations.AddField("session", "is_strong", models.BooleanField(db_default=False)),
        migrations.AddField("session", "proven_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("session", "device", models.TextField(db_default="")),
        migrations.AddField("session", "is_own_device", models.BooleanField(db_default=False)),
        migrations.AddField("session", "has_news", models.BooleanField(db_default=False)),
    ]

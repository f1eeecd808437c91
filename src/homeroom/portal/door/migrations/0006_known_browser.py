"""Browsers that an account has signed in from."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("door", "0005_codes")]

    operations = [
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.BinaryField(unique=True)),
                ("last_at", models.DateTimeField(db_default=Now())),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="door.account")),
            ],
            options={"db_table": "known_browser"},
        ),
    ]

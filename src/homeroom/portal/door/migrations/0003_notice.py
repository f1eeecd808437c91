"""What an account is told on its next page."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("door", "0002_step")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("what", models.TextField()),
                ("at", models.DateTimeField(db_default=Now())),
                ("in_session", models.BinaryField(null=True)),
                ("shown_at", models.DateTimeField(null=True)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="door.account")),
            ],
            options={"db_table": "account_notice"},
        ),
    ]

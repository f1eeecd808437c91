"""Where a sign-in stands between two pages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("door", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Step",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("account", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="door.account")),
                ("state", models.JSONField(default=dict)),
                ("expires_at", models.DateTimeField()),
            ],
            options={"db_table": "sign_in_step", "indexes": [models.Index(fields=["expires_at"], name="sign_in_step_expires_at")]},
        ),
    ]

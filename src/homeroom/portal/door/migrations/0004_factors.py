"""Second factors: passkeys, authenticator apps, recovery codes; whether a password is enough alone."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


def own_account() -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="door.account")


def own_id() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("door", "0003_notice")]

    operations = [
        migrations.AddField("credential", "is_long", models.BooleanField(db_default=True)),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", own_id()),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("account", own_account()),
                ("name", models.TextField()),
                ("credential_id", models.BinaryField(unique=True)),
                ("attested", models.BinaryField()),
                ("sign_count", models.BigIntegerField()),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "passkey"},
        ),
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                ("id", own_id()),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("account", own_account()),
                ("name", models.TextField()),
                ("secret", models.BinaryField()),
                ("last_step", models.BigIntegerField(db_default=0)),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "authenticator"},
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", own_id()),
                ("account", own_account()),
                ("hash", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "recovery_code",
                "constraints": [models.UniqueConstraint(fields=["account", "hash"], name="recovery_code_once")],
            },
        ),
    ]

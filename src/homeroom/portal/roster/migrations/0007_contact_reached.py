"""Indexes of how a contact is reached: whose record a request may be about (membership/requests)."""

from django.db import migrations

TABLES = ("contact", "contact_detail")
ADDRESS = "CREATE INDEX {0}_address ON {0} (lower(email)) WHERE email <> ''"
PHONE = r"CREATE INDEX {0}_phone_end ON {0} (right(regexp_replace(phone, '\D', '', 'g'), 10)) WHERE phone <> ''"


class Migration(migrations.Migration):

    dependencies = [("roster", "0006_masking")]

    operations = [
        migrations.RunSQL([each.format(table) for table in TABLES for each in (ADDRESS, PHONE)],
                          [f"DROP INDEX {table}_{what}" for table in TABLES for what in ("address", "phone_end")]),
    ]

"""Preferred names are not read until the district turns them on."""

from django.db import migrations

OFF = """INSERT INTO unread_column (file, column_name, emptied_at)
    VALUES ('users.csv', 'preferredGivenName', now()), ('users.csv', 'preferredFamilyName', now()) ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0019_preferred_names"),
        ("intake", "0018_what_a_file_says"),
    ]

    operations = [migrations.RunSQL([OFF], migrations.RunSQL.noop)]

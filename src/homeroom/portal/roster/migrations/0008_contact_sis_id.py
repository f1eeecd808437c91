"""The district's own id of a contact, by which rows of contacts.csv are one person. Rows of people in users.csv have it right away; the next
import reads contacts.csv again for the others, also after an import from before is undone."""

from django.db import migrations, models

KNOWN = """UPDATE contact c SET sis_id = p.sourced_id FROM person p
    WHERE p.id = c.person_id AND p.sourced_id IS NOT NULL AND c.kind <> 'agent'"""
READ_AGAIN = [f"DELETE FROM {table} WHERE file = 'contacts.csv' AND bucket = -1" for table in ("row_hashes", "bucket_image")]


class Migration(migrations.Migration):

    dependencies = [("roster", "0007_contact_reached"), ("intake", "0017_files_in_line")]

    operations = [
        migrations.AddField(model_name="contact", name="sis_id", field=models.TextField(db_default="")),
        migrations.RunSQL([KNOWN, *READ_AGAIN], migrations.RunSQL.noop),
    ]
